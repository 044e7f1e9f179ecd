import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { listen } from './listen.ts';

/**
 * A network that can go silent: `https://*.box.test` under TLS, HTTP/2 offered, in front of a simulated Box, to be reached through a
 * proxy that can stop passing anything on without closing a connection.
 */
export async function silentNetwork(box: { url: string }) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'box.test' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: '*.box.test' }] }],
  });
  setDefaultCACertificates([cert]);

  const httpVersions = new Set<string>();
  let realtimeUrl = '';
  const front = createSecureServer({ key, cert, allowHTTP1: true }, async (request, response) => {
    httpVersions.add(request.httpVersion);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const origin = request.url.startsWith('/subscribe') ? realtimeUrl : box.url;
    const { authorization } = request.headers;
    try {
      const answer = await fetch(`${origin}${request.url}`, {
        method: request.method,
        headers: authorization ? { authorization } : {},
        signal: gone.signal,
      });
      const text = await answer.text();
      realtimeUrl = /http:\/\/127\.0\.0\.1:\d+(?=\/subscribe)/.exec(text)?.[0] ?? realtimeUrl;
      response.writeHead(answer.status).end(text.replaceAll(realtimeUrl || ' ', 'https://realtime.box.test'));
    } catch {
      response.destroy();
    }
  });
  const frontPort = await listen(front);

  const tunnels = new Set<Socket>();
  const proxied: string[] = [];
  const proxy = createServer().on('connect', ({ url }, client: Socket) => {
    proxied.push(String(url));
    const server = connect(frontPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    for (const socket of [client, server]) {
      tunnels.add(socket);
      socket.on('error', () => {}).on('close', () => tunnels.delete(socket));
    }
  });
  const proxyPort = await listen(proxy);

  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    /** The hosts that were asked for through the proxy. */
    proxied,
    /** The versions of HTTP that clients spoke. */
    httpVersions,
    /** From now on nothing passes on the connections that are open; new ones work. */
    goSilent: () => {
      for (const socket of tunnels) socket.unpipe().pause();
    },
    stop: async () => {
      for (const socket of tunnels) socket.destroy();
      proxy.closeAllConnections();
      await Promise.all([proxy, front].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
