import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../support/listen.ts';

/** What stands before several workers: each connection goes to the next one that takes it. */
export async function startBalancer(ports: readonly number[]) {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    track(client);
    void forward(client);
  });
  const port = await listen(server);

  function track(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  }

  async function forward(client: Socket): Promise<void> {
    turn += 1;
    for (let tried = 0; tried < ports.length; tried++) {
      const worker = track(connect(ports[(turn + tried) % ports.length] ?? 0, '127.0.0.1'));
      if (!(await isConnected(worker))) continue;
      client.pipe(worker).pipe(client);
      client.once('close', () => worker.destroy());
      worker.once('close', () => client.destroy());
      return;
    }
    client.destroy();
  }

  return {
    url: `http://127.0.0.1:${port}`,
    stop(): void {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
  });
}
