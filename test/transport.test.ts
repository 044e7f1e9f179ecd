import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFetch as createDefaultFetch } from '../src/transport/default.ts';
import { createFetch } from '../src/transport/node.ts';
import { silentNetwork } from './support/silent-proxy.ts';
import { follow, simulatedBox } from './support/stream.ts';

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

describe.each([
  ["Node's client", createFetch],
  ['the platform', createDefaultFetch],
])('over %s', (_, create) => {
  test('method and headers go out, status, body and headers come back', async () => {
    const url = await serve((request, response) => {
      response.writeHead(429, { 'retry-after': '7', 'box-request-id': 'abc' });
      response.end(`${request.method} ${request.headers.authorization} ${request.headers['as-user']} é`);
    });
    const request = new Request(url, {
      method: 'OPTIONS',
      headers: { authorization: 'Bearer x', 'as-user': '7' },
    });
    const answer = await create()(request);
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('box-request-id')]).toEqual([
      429,
      '7',
      'abc',
    ]);
    expect(await answer.text()).toBe('OPTIONS Bearer x 7 é');
  });

  test('a body goes out whole', async () => {
    const url = await serve(async (request, response) => {
      for await (const chunk of request) response.write(chunk);
      response.end(` ${request.method} ${request.headers['content-type']}`);
    });
    const answer = await create()(
      new Request(url, { method: 'POST', body: new URLSearchParams({ a: 'é&' }) }),
    );
    expect(await answer.text()).toBe('a=%C3%A9%26 POST application/x-www-form-urlencoded;charset=UTF-8');
  });

  test('a redirect is not followed', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await create()(new Request(url, { redirect: 'manual' }))).status).toBe(302);
    expect(asked).toBe(1);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('a body in %s is decompressed', async (encoding, compress) => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"entries":[]}')),
    );
    expect(await (await create()(new Request(url))).text()).toBe('{"entries":[]}');
  });

  test.each([
    ['with a content-length', { 'content-length': '100' }],
    ['in chunks', {}],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('a body cut short %s rejects', async (_how, headers) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, headers).write(gzipSync('cut').subarray(0, 5));
      response.socket?.end();
    });
    await expect(create()(new Request(url))).rejects.toThrow();
  });

  test('an abort ends a request in the middle of its body, and its connection', async () => {
    const closed = Promise.withResolvers<void>();
    const controller = new AbortController();
    const url = await serve((_request, response) => {
      response.on('close', closed.resolve).write('half', () => controller.abort(new Error('enough')));
    });
    await expect(create()(new Request(url, { signal: controller.signal }))).rejects.toThrow();
    await closed.promise;
  });

  test('a body without end is given up with a clear error', async () => {
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour).on('error', () => {});
      pour();
    });
    await expect(create()(new Request(url))).rejects.toThrow('longer than 256 MB');
  }, 20_000);

  test('a server that switches protocols gives no answer', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end(),
    );
    await expect(create()(new Request(url))).rejects.toThrow();
  });

  test('204 without a body is an answer', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end());
    expect((await create()(new Request(url))).status).toBe(204);
  });
});

describe('behind a proxy', () => {
  test('the proxy variables are obeyed, but not for this machine itself', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9');
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
    const url = await serve((_request, response) => response.end('direct'));
    expect(await (await createFetch()(new Request(url))).text()).toBe('direct');
    await expect(createFetch()(new Request('http://api.box.test/'))).rejects.toThrow();
  });

  test('a stream under TLS survives a network that goes silent, and misses nothing', async () => {
    const surroundings = await simulatedBox({ realtimeServers: 1, reconnectAfter: 3_600_000 });
    const { box, clock } = surroundings;
    const network = await silentNetwork(box);
    vi.stubEnv('HTTPS_PROXY', network.proxyUrl);
    vi.stubEnv('https_proxy', network.proxyUrl);
    const stream = follow(surroundings, {}, { apiUrl: 'https://api.box.test/2.0', requestTimeout: 300 });
    try {
      await stream.rests();
      network.goSilent();
      const { event_id } = box.publish();
      expect(stream.ids()).toEqual([]);

      clock.increment(610_000);
      // Each kept connection that died costs one deadline.
      await stream.passes(10_000, 1_000);
      await stream.rests();
      expect(stream.ids()).toEqual([event_id]);
      expect(new Set(network.proxied)).toEqual(new Set(['api.box.test:443', 'realtime.box.test:443']));
      expect(network.httpVersions).toEqual(new Set(['1.1']));
    } finally {
      stream.actor.stop();
      await network.stop();
      await box.stop();
    }
  });
});
