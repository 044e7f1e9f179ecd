import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toPromise } from 'xstate';
import { createFetch as createDefaultFetch } from '../src/transport/default.ts';
import { createFetch } from '../src/transport/node.ts';
import { silentNetwork } from './support/silent-proxy.ts';
import { follow, simulatedBox } from './support/stream.ts';

const servers: Server[] = [];
const silentServers: TcpServer[] = [];
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  for (const server of silentServers.splice(0)) server.close();
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

/** A server that says one thing to each who speaks, and then nothing more. */
const listen = async (says?: string) => {
  let open = 0;
  let chunks = 0;
  const server: TcpServer = createTcpServer((socket) => {
    open++;
    socket.on('error', () => {}).on('close', () => open--);
    socket.on('data', () => chunks++);
    if (says) socket.once('data', () => socket.write(says));
  }).listen(0, '127.0.0.1');
  silentServers.push(server);
  await once(server, 'listening');
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await new Promise(setImmediate);
  };
  return {
    port: (server.address() as AddressInfo).port,
    /** Resolves once there are so many connections. */
    until: (count: number) => until(() => open === count),
    /** Resolves once so many chunks have come. */
    heard: (count: number) => until(() => chunks >= count),
  };
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

test('a body in a million chunks of a byte is too long: each takes memory of its own', async () => {
  const url = await serve((_request, { socket }) => {
    socket?.on('error', () => {});
    socket?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    socket?.write('1\r\n \r\n'.repeat(1_100_000));
  });
  await expect(createFetch()(new Request(url))).rejects.toThrow('longer than 256 MB');
});

describe('without an answer to its handshake', () => {
  test('a request fails after 10 s, though a poll may take minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { port, heard, until } = await listen();
    const asked = createFetch()(new Request(`https://127.0.0.1:${port}/`));
    await heard(1);
    vi.advanceTimersByTime(10_000);
    await expect(asked).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'no connection within 10 s' });
    await until(0);
  });

  test('one that is connected is not limited', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const held = Promise.withResolvers<() => void>();
    const url = await serve((_request, response) => held.resolve(() => response.end('late')));
    const asked = createFetch()(new Request(url));
    const answer = await held.promise;
    vi.advanceTimersByTime(600_000);
    answer();
    expect(await (await asked).text()).toBe('late');
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

  test.each([
    ['', 'http://'],
    ['HTTP://', 'http://'],
  ])('a proxy that is written with %j is one over %s', async (scheme) => {
    const proxy = new URL(await serve((request, response) => response.end(`through: ${request.url}`)));
    vi.stubEnv('http_proxy', `${scheme}${proxy.host}`);
    const answer = await createFetch()(new Request('http://api.box.test/'));
    expect(await answer.text()).toBe('through: http://api.box.test/');
  });

  test.each(['socks5://user:secret@127.0.0.1:9', 'http://user:secret@:9'])(
    'a proxy that Node would go past (%s) ends the stream, with what to do',
    async (proxy) => {
      vi.stubEnv('https_proxy', proxy);
      const surroundings = await simulatedBox();
      const stream = follow(surroundings, {}, { apiUrl: 'https://api.box.test/2.0' });
      try {
        const error = await toPromise(stream.actor).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'BoxError', transient: false });
        expect(String(error)).toContain('HTTPS_PROXY must be the URL of a proxy for HTTP');
        expect(String(error)).not.toContain('secret');
      } finally {
        await surroundings.box.stop();
      }
    },
  );

  test.each(['*', 'api.box.test', '.box.test', '*.box.test'])(
    'a proxy that Node does not know is not needed where NO_PROXY=%s goes past it',
    async (hosts) => {
      vi.stubEnv('http_proxy', 'socks5://127.0.0.1:9');
      vi.stubEnv('no_proxy', hosts);
      const error = await createFetch()(new Request('http://api.box.test/')).catch((thrown) => thrown);
      expect(error).toMatchObject({ syscall: 'getaddrinfo' });
    },
  );

  test('a proxy that Node does not know is not needed for this machine itself', async () => {
    vi.stubEnv('http_proxy', 'socks5://127.0.0.1:9');
    const url = await serve((_request, response) => response.end('direct'));
    expect(await (await createFetch()(new Request(url))).text()).toBe('direct');
  });

  test('hosts without a proxy may stand apart by spaces, and the loopback of IPv6 is one of them', async () => {
    const reached: (string | undefined)[] = [];
    const url = await serve(({ url }, response) => {
      reached.push(url);
      response.end();
    });
    vi.stubEnv('http_proxy', url);
    vi.stubEnv('no_proxy', 'a.invalid b.invalid');
    for (const host of ['b.invalid', '[::1]:9', '127.1.2.3:9']) {
      await expect(createFetch()(new Request(`http://${host}/`))).rejects.toThrow();
    }
    expect(reached).toEqual([]);
  });

  test('a proxy that refuses, and keeps the connection, does not keep it for ever', async () => {
    const { port, until } = await listen('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    vi.stubEnv('https_proxy', `http://user:secret@127.0.0.1:${port}`);
    await expect(createFetch()(new Request('https://api.box.test/'))).rejects.toThrow('407');
    await until(0);
  });

  test('a connection that goes silent in its handshake is closed after 10 s, also when nobody waits any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { port, until, heard } = await listen('HTTP/1.1 200 Connection established\r\n\r\n');
    vi.stubEnv('https_proxy', `http://127.0.0.1:${port}`);
    const controller = new AbortController();
    const asked = createFetch()(new Request('https://api.box.test/'), controller.signal);
    await heard(2);
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    vi.advanceTimersByTime(10_000);
    await until(0);
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
