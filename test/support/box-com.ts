import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { listen } from './listen.ts';

/**
 * Stands in for `https://api.box.com`, for a process of its own: a proxy leads there, and what comes there under TLS goes on to a
 * simulated Box as it is.
 *
 * @param certificateFile Where its certificate is written, for the process to trust.
 * @returns the environment of the process.
 */
export async function boxCom(box: { url: string }, certificateFile: string) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'api.box.com' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'api.box.com' }] }],
  });
  await writeFile(certificateFile, cert);
  const sockets = new Set<Socket>();
  const lead = (client: Socket, port: number) => {
    const server = connect(port, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
  };
  const front = createTlsServer({ key, cert }, (client) => lead(client, Number(new URL(box.url).port)));
  const frontPort = await listen(front);
  const proxy = createServer().on('connect', ({ url }, client: Socket) => {
    if (url !== 'api.box.com:443') return client.destroy();
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    return lead(client, frontPort);
  });
  const proxyPort = await listen(proxy);
  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, NODE_EXTRA_CA_CERTS: certificateFile },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [proxy, front]) server.close();
    },
  };
}
