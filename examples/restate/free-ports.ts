import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports of 127.0.0.1 that are free. */
export async function freePorts(count: number): Promise<number[]> {
  // All of them at once, or one could be given twice.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
