import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BoxError } from '../machines/box-error.ts';
import { createRequests, type ServicesOptions } from '../src/services.ts';
import {
  type Answer,
  createSimulator,
  type Simulator,
  type SimulatorRequest,
} from '../src/simulator/index.ts';
import { heapInUse } from './support/heap.ts';
import { listen } from './support/listen.ts';
import { rejection } from './support/rejection.ts';

let box: Simulator;
beforeEach(async () => {
  box = await createSimulator({ users: 2 });
});
afterEach(() => box.stop());

const signal = new AbortController().signal;
const requests = (options: Partial<ServicesOptions> = {}) =>
  createRequests({ token: box.token, apiUrl: box.apiUrl, ...options });

const whom = { userId: undefined, streamType: 'all' } as const;
const fetchServers = (options?: Partial<ServicesOptions>) => requests(options).fetchServers(whom, signal);
const fetchEvents = (streamPosition = '0', options?: Partial<ServicesOptions>) =>
  requests(options).fetchEvents({ ...whom, streamPosition }, signal);
const poll = async (streamPosition = box.positionOf()) => {
  const [server] = await fetchServers();
  return requests().longPoll({ url: server?.url ?? '', streamPosition }, signal);
};

/** Answers every request of a kind with the same thing. */
const answerAll = (kind: SimulatorRequest['kind'], answer: Answer) => {
  box.intercept = (request) => (request.kind === kind ? answer : undefined);
};

describe('the wire', () => {
  test('servers are asked for with OPTIONS, a bearer token, and the stream type only when it is not all', async () => {
    const [server] = await fetchServers();
    expect(server).toMatchObject({ maxRetries: 10, retryTimeout: 610_000 });
    await requests().fetchServers({ ...whom, streamType: 'changes' }, signal);
    expect(box.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'OPTIONS /2.0/events',
      'OPTIONS /2.0/events?stream_type=changes',
    ]);
    expect(box.requests[0]?.headers.authorization).toBe(`Bearer ${box.token}`);
  });

  test('a page is asked for with position, stream type and limit', async () => {
    await fetchEvents('7', { limit: 100 });
    expect(box.requests[0]?.url).toBe('/2.0/events?stream_position=7&stream_type=all&limit=100');
  });

  test('a poll adds the position to the URL, leaves the rest of it as it was, and carries no authorization', async () => {
    answerAll('poll', { status: 200, body: { version: 1, message: 'new_change' } });
    const [server] = await fetchServers();
    const url = `${server?.url}&odd=a%20b+c~%2F`;
    await requests().longPoll({ url, streamPosition: '7' }, signal);
    const [polled] = box.requests.filter(({ kind }) => kind === 'poll');
    expect(polled?.url).toBe(`${new URL(url).pathname}${new URL(url).search}&stream_position=7`);
    expect(polled?.headers).not.toHaveProperty('authorization');
    expect(polled?.headers).not.toHaveProperty('as-user');
  });

  test('as-user is sent for the user of the stream, on request only', async () => {
    const userId = box.users[1]?.id;
    box.publish({}, { userId: userId ?? '' });
    const acting = requests({ token: box.serviceToken, asUser: true });
    expect((await acting.fetchEvents({ ...whom, userId, streamPosition: '0' }, signal)).events).toHaveLength(
      1,
    );
    await requests().fetchEvents({ ...whom, userId, streamPosition: '0' }, signal);
    expect(box.requests.map(({ headers }) => headers['as-user'])).toEqual([userId, undefined]);
  });

  test('acting for a user without saying for whom is refused', async () => {
    const acting = requests({ token: box.serviceToken, asUser: true });
    await expect(acting.fetchServers(whom, signal)).rejects.toThrow(/userId/);
    expect(box.requests).toEqual([]);
  });

  test('acting for what is no id of a user is refused before anything is asked, and not tried again', async () => {
    const asking = requests({ asUser: true }).fetchServers({ userId: 'x\r\ny', streamType: 'all' }, signal);
    await expect(asking).rejects.toThrow(/^asUser needs the id of a Box user/);
    expect(box.requests).toEqual([]);
  });

  test('events are handed on as Box sent them', async () => {
    const odd = { ...box.publish({ session_id: null, source: null }), nobody_knows: { this: ['field'] } };
    answerAll('events', {
      status: 200,
      body: { entries: [odd, {}, { event_id: 7 }], next_stream_position: 1 },
    });
    expect((await fetchEvents()).events).toEqual([odd, {}, { event_id: 7 }]);
  });

  test('what is no event in a list of events is left out', async () => {
    answerAll('events', {
      status: 200,
      body: { entries: [null, 1, 'x', [], { type: 'event' }], next_stream_position: 1 },
    });
    expect((await fetchEvents()).events).toEqual([{ type: 'event' }]);
  });

  test('a page is full when it has as many events as asked for', async () => {
    for (let count = 0; count < 3; count++) box.publish();
    expect((await fetchEvents('0', { limit: 3 })).isFull).toBe(true);
    expect((await fetchEvents('0', { limit: 4 })).isFull).toBe(false);
  });
});

describe('positions', () => {
  test.each([
    ['1152922976252290886', '1152922976252290886'],
    ['"1152922976252290886"', '1152922976252290886'],
    ['18446744073709551615', '18446744073709551615'],
    ['5', '5'],
    ['null', undefined],
  ])('%s is read without loss', async (written, read) => {
    answerAll('events', {
      status: 200,
      body: `{"chunk_size":0,"next_stream_position": ${written},"entries":[]}`,
    });
    expect((await fetchEvents()).streamPosition).toBe(read);
  });

  test('a field of the same name in an event, or in a text, is not the position', async () => {
    const decoy = '{"next_stream_position":1152922976252290887,"name":"\\"next_stream_position\\":7"}';
    answerAll('events', {
      status: 200,
      body: `{"entries":[${decoy}],"next_stream_position":1152922976252290886}`,
    });
    expect((await fetchEvents()).streamPosition).toBe('1152922976252290886');
  });

  test.each(['"now"', '-1', '1.5', '1e30', '"soon"', '{}', 'true', '"123456789012345678901"'])(
    'position %s is a failure that may pass',
    async (written) => {
      answerAll('events', { status: 200, body: `{"entries":[],"next_stream_position":${written}}` });
      expect(await rejection(fetchEvents())).toMatchObject({ request: 'events', transient: true });
    },
  );

  test.each(['0', '"0"', 'null'])(
    'asked for now, an answer with position %s is a failure that may pass',
    async (written) => {
      answerAll('events', { status: 200, body: `{"entries":[],"next_stream_position":${written}}` });
      expect(await rejection(fetchEvents('now'))).toMatchObject({ transient: true });
      expect((await fetchEvents('5')).events).toEqual([]);
    },
  );
});

describe('lists of servers', () => {
  const list = (...entries: unknown[]) =>
    answerAll('servers', { status: 200, body: { chunk_size: 1, entries } });

  test.each([
    ['numbers', 3, 60],
    ['strings', '3', '60'],
  ])('max_retries and retry_timeout are read as %s', async (_, max_retries, retry_timeout) => {
    list({ type: 'realtime_server', url: 'http://a/', ttl: '10', max_retries, retry_timeout });
    expect(await fetchServers()).toEqual([{ url: 'http://a/', maxRetries: 3, retryTimeout: 60_000 }]);
  });

  test.each([['soon'], [null], [''], [undefined], [{}]])(
    'a retry_timeout of %j says nothing',
    async (retry_timeout) => {
      list({ url: 'http://a/', max_retries: 'often', retry_timeout });
      expect(await fetchServers()).toEqual([{ url: 'http://a/', maxRetries: 10 }]);
    },
  );

  test('a negative max_retries says nothing', async () => {
    list({ url: 'http://a/', max_retries: -1 });
    expect(await fetchServers()).toEqual([{ url: 'http://a/', maxRetries: 10 }]);
  });

  test('a server that cannot be polled is left out', async () => {
    list({ url: 'no url' }, { url: 'ftp://a/' }, { url: 'https://me:secret@a/' }, { url: 5 }, null, {
      url: 'https://b/',
    });
    expect(await fetchServers()).toMatchObject([{ url: 'https://b/' }]);
  });

  test('of ten thousand servers, a hundred are kept', async () => {
    list(...Array.from({ length: 10_000 }, (_, number) => ({ url: `http://server-${number}/` })));
    expect(await fetchServers()).toHaveLength(100);
  });
});

describe('answers of a realtime server', () => {
  const polled = (status: number, body: unknown) => {
    answerAll('poll', { status, body });
    return poll();
  };

  test.each([
    [200, { version: 1, message: 'new_change' }, 'newChange'],
    [200, { message: 'new_change' }, 'newChange'],
    [200, { version: 1, message: 'reconnect' }, 'reconnect'],
    [200, { message: 'max_retries' }, 'maxRetries'],
    [200, { error: 'max_retries' }, 'maxRetries'],
    [400, { code: 'max_retries' }, 'maxRetries'],
    [429, { message: 'max_retries' }, 'maxRetries'],
  ])('%i with %j is %s', async (status, body, type) => {
    expect(await polled(status, body)).toEqual({ type });
  });

  test.each([
    [200, { message: 'something_new' }],
    [200, 'new_change'],
    [200, ''],
    [400, ''],
    [404, { message: 'new_change' }],
    [401, ''],
    [500, ''],
  ])('%i with %j is a failure that may pass', async (status, body) => {
    expect(await rejection(polled(status, body))).toMatchObject({ request: 'poll', transient: true });
  });

  test('Retry-After of a realtime server is read', async () => {
    answerAll('poll', { status: 503, headers: { 'retry-after': '7' } });
    expect(await rejection(poll())).toMatchObject({ status: 503, retryAfter: 7_000 });
  });

  test('a poll on now, and one on an unknown channel, are failures that may pass', async () => {
    expect(await rejection(poll('now'))).toMatchObject({ status: 400, transient: true });
    const [server] = await fetchServers();
    const url = server?.url.replace(/channel=[^&]+/, 'channel=old') ?? '';
    expect(await rejection(requests().longPoll({ url, streamPosition: '1' }, signal))).toMatchObject({
      status: 404,
      transient: true,
    });
  });
});

describe('failures', () => {
  test.each([
    ['HTML', '<html>Sign in to the hotel</html>'],
    ['an empty body', ''],
    ['{}', '{}'],
    ['null', 'null'],
    ['cut JSON', '{"chunk_size":1,"entries":[{"type":"real'],
    ['an empty object for entries', '{"entries":{}}'],
  ])('%s with 200 is a failure that may pass', async (_, body) => {
    box.intercept = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body });
    expect(await rejection(fetchServers())).toMatchObject({ request: 'servers', transient: true });
    expect(await rejection(fetchEvents())).toMatchObject({ request: 'events', transient: true });
  });

  test('a list without servers is a failure that may pass', async () => {
    answerAll('servers', { status: 200, body: { chunk_size: 0, entries: [] } });
    expect(await rejection(fetchServers())).toMatchObject({ transient: true });
  });

  test.each([
    [301, true],
    [302, true],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [403, false],
    [404, false],
    [418, false],
  ])('status %i of the API: may it pass? %s', async (status, transient) => {
    answerAll('events', { status, headers: { location: 'http://127.0.0.1:1/' } });
    expect(await rejection(fetchEvents())).toMatchObject({ status, transient });
    expect(box.requests).toHaveLength(1);
  });

  test('what Box says about an error is in the BoxError', async () => {
    const body = {
      type: 'error',
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'Slow\ndown\u001b[31m',
      request_id: 'abc',
    };
    answerAll('events', { status: 429, headers: { 'retry-after': '12' }, body });
    const error = await rejection(fetchEvents());
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', requestId: 'abc', retryAfter: 12_000 });
    expect(error.message).toBe('GET /events was answered with 429 (rate_limit_exceeded, Slow down [31m).');
  });

  test('a Retry-After date counts against the Date of the answer', async () => {
    const headers = { date: 'Sat, 01 Jan 2000 00:00:00 GMT', 'retry-after': 'Sat, 01 Jan 2000 00:01:30 GMT' };
    answerAll('events', { status: 503, headers });
    expect(await rejection(fetchEvents())).toMatchObject({ retryAfter: 90_000 });
  });

  test('a connection that is reset, or refused, is a failure that may pass and says the code', async () => {
    answerAll('events', 'reset');
    expect(await rejection(fetchEvents())).toMatchObject({
      transient: true,
      code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
    await box.stop();
    expect(await rejection(fetchEvents())).toMatchObject({ transient: true, code: 'ECONNREFUSED' });
  });

  test('a server that is none, and repeats what it hears, puts neither token nor channel into an error', async () => {
    const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
    const url = `http://127.0.0.1:${await listen(echo)}`;
    const errors = [
      await rejection(fetchEvents('0', { apiUrl: url, token: 'the-secret' })),
      await rejection(
        requests().longPoll({ url: `${url}/?channel=the-secret`, streamPosition: '1' }, signal),
      ),
    ];
    echo.close();
    for (const error of errors) {
      expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error.cause)).not.toContain(
        'the-secret',
      );
    }
  });

  test('a token that Box repeats is not in the error, however it is written', async () => {
    const body = String.raw`{"code":"a\/b\u003d","message":"no a\/b\u003d"}`.replaceAll('\\\\', '\\');
    answerAll('events', { status: 403, headers: { 'box-request-id': 'a/b=' }, body });
    const error = await rejection(fetchEvents('0', { token: 'a/b=' }));
    expect(inspect(error, { showHidden: true })).not.toContain('a/b=');
    expect(error.code).toBe('(token)');
  });

  test('a fetch that tells the URL of its request does not get it into an error', async () => {
    const tells = async ({ url }: Request) => {
      throw new Error(`error sending request for url (${url})`);
    };
    const url = 'https://realtime.example/subscribe?channel=key';
    const error = await rejection(requests({ fetch: tells }).longPoll({ url, streamPosition: '1' }, signal));
    expect(error.message).toBe('The long poll failed: error sending request for url ((URL)).');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('key');
  });

  test('nothing of what a realtime server says about a failure is repeated, for it may be the channel', async () => {
    answerAll('poll', { status: 404, body: { code: 'the-secret', message: 'no channel the-secret' } });
    const error = await rejection(poll());
    expect(error.message).toBe('The long poll was answered with 404.');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('the-secret');
  });

  test('what Box says about an error is cut to a sensible length', async () => {
    answerAll('events', { status: 403, body: { code: 'c'.repeat(10_000), message: 'm'.repeat(10_000) } });
    expect((await rejection(fetchEvents())).message.length).toBeLessThan(600);
  });

  test('a fetch that tells what it sent gets neither token nor channel into an error', async () => {
    const tells = async ({ url, headers }: Request) => {
      throw new Error(`could not send ${new URL(url).search} with ${headers.get('authorization')}`);
    };
    const options = { fetch: tells, token: 'the-secret' };
    const url = 'https://realtime.example/subscribe?channel=the-secret';
    const errors = [
      await rejection(fetchEvents('0', options)),
      await rejection(requests(options).longPoll({ url, streamPosition: '1' }, signal)),
    ];
    for (const error of errors) {
      expect(error.message).toContain('could not send');
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('the-secret');
    }
  });

  test('one deadline holds for a whole request to the API', async () => {
    answerAll('events', 'silence');
    const error = await rejection(fetchEvents('0', { requestTimeout: 50 }));
    expect(error).toMatchObject({
      transient: true,
      message: 'GET /events failed: no complete answer within 0.05 s.',
    });
    await box.until(() => box.requests.every(({ aborted }) => aborted));
  });

  test('the deadline holds for a token function that never answers, too', async () => {
    const token = () => new Promise<string>(() => {});
    expect(await rejection(fetchEvents('0', { token, requestTimeout: 50 }))).toMatchObject({
      transient: true,
    });
  });

  test('a poll over a fetch that is given can be aborted however long it is held', async () => {
    const controller = new AbortController();
    const [server] = await fetchServers();
    const polling = requests({ fetch: (request) => fetch(request) }).longPoll(
      { url: server?.url ?? '', streamPosition: box.positionOf() },
      controller.signal,
    );
    await box.until(() => box.heldPolls === 1);
    // Collects garbage, as time does.
    await heapInUse();
    controller.abort(new Error('enough'));
    await expect(polling).rejects.toThrow('enough');
    await box.until(() => box.heldPolls === 0);
  });

  test('an aborted request rejects with the reason of its signal, and leaves the server', async () => {
    const controller = new AbortController();
    const [server] = await fetchServers();
    const streamPosition = box.positionOf();
    const held = requests().longPoll({ url: server?.url ?? '', streamPosition }, controller.signal);
    await box.until(() => box.heldPolls === 1);
    controller.abort(new Error('enough'));
    await expect(held).rejects.toThrow('enough');
    await box.until(() => box.heldPolls === 0);
  });
});

describe('tokens', () => {
  test('a token function is called before each request to the API, with the user of the stream', async () => {
    const asked: unknown[] = [];
    const token = (request: unknown) => {
      asked.push(request);
      return Promise.resolve(box.token);
    };
    const both = requests({ token });
    await both.fetchServers({ ...whom, userId: '7' }, signal);
    await both.fetchEvents({ ...whom, streamPosition: '0' }, signal);
    const anySignal = expect.any(AbortSignal);
    expect(asked).toEqual([
      { userId: '7', signal: anySignal },
      { userId: undefined, signal: anySignal },
    ]);
  });

  test('a 401 asks the token function once more, with the refused token, and the request is made again', async () => {
    const token = ({ refused }: { refused?: string | undefined }) =>
      refused === 'stale' ? box.token : 'stale';
    expect((await fetchEvents('0', { token })).events).toEqual([]);
    expect(box.requests.map(({ status }) => status)).toEqual([401, 200]);
  });

  test('a second 401 is final', async () => {
    expect(await rejection(fetchEvents('0', { token: () => 'stale' }))).toMatchObject({
      status: 401,
      transient: false,
    });
    expect(box.requests).toHaveLength(2);
  });

  test('a 401 on a token that is a string is final at once', async () => {
    expect(await rejection(fetchEvents('0', { token: 'stale' }))).toMatchObject({
      status: 401,
      transient: false,
    });
    expect(box.requests).toHaveLength(1);
  });

  test.each([
    [{ code: 'ECONNRESET' }, true],
    [new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), true],
    [{ code: 'EAI_AGAIN' }, true],
    [{ code: 'ERR_STREAM_PREMATURE_CLOSE' }, true],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, true],
    [{ code: 'ERR_NETWORK' }, true],
    [{ code: 'HPE_INVALID_CONSTANT' }, true],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, true],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, true],
    [{ code: 'ERR_INVALID_ARG_TYPE' }, false],
    [{ code: 'EXPIRED_TOKEN' }, false],
    [{ status: 429 }, true],
    [{ response: { status: 503 } }, true],
    [{ responseInfo: { statusCode: 500 } }, true],
    [{ status: 408 }, true],
    [new TypeError('Failed to fetch'), true],
    [Object.assign(new Error('slow'), { name: 'TimeoutError' }), true],
    [{ message: 'wrapped', error: { code: 'ECONNREFUSED' } }, true],
    [{ responseInfo: { statusCode: 400 } }, false],
    [{ statusCode: 401 }, false],
    [new Error('wrong secret'), false],
    ['a string', false],
  ])('a token function that fails with %j: may it pass? %s', async (failure, transient) => {
    const token = () => Promise.reject(failure);
    expect(await rejection(fetchEvents('0', { token }))).toMatchObject({ request: 'token', transient });
    expect(box.requests).toEqual([]);
  });

  test.each<[string, object]>([
    [
      'axios',
      { response: { status: 429, headers: { 'Retry-After': '7' }, data: { error: 'invalid_grant' } } },
    ],
    ['a fetch wrapper', { response: new Response('', { status: 429, headers: { 'retry-after': '7' } }) }],
    ['the SDK', { responseInfo: { statusCode: 429, headers: { 'retry-after': '7' } } }],
  ])('Retry-After is kept of a failure of %s', async (_, failure) => {
    const error = await rejection(fetchEvents('0', { token: () => Promise.reject(failure) }));
    expect(error).toMatchObject({ transient: true, retryAfter: 7_000 });
  });

  test.each([
    [{ responseInfo: { statusCode: 400, body: { error: 'invalid_grant' } } }, 'invalid_grant'],
    [{ status: 400, error: 'unauthorized_client' }, 'unauthorized_client'],
    [{ response: { status: 400, data: { error: 'the-secret' } } }, undefined],
    [{ status: 400, error: 'the-secret' }, undefined],
  ])('of what %j says, a word that OAuth knows is told, and no other', async (failure, code) => {
    const error = await rejection(fetchEvents('0', { token: () => Promise.reject(failure) }));
    expect([error.transient, error.code]).toEqual([false, code]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('the-secret');
  });

  test('nothing of what a token function says about its failure is repeated', async () => {
    const failure = Object.assign(new Error('the-secret is wrong', { cause: 'the-secret' }), {
      key: 'the-secret',
    });
    const error = await rejection(fetchEvents('0', { token: () => Promise.reject(failure) }));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('the-secret');
  });

  test('a BoxError about the token is passed on as it is, and one about something else is not', async () => {
    const own = new BoxError('The vault is sealed.', { request: 'token', transient: true, retryAfter: 5 });
    expect(await rejection(fetchEvents('0', { token: () => Promise.reject(own) }))).toBe(own);
    const other = new BoxError('the-secret', { request: 'events', transient: true, status: 503 });
    const error = await rejection(fetchEvents('0', { token: () => Promise.reject(other) }));
    expect(error).toMatchObject({ request: 'token', transient: true, status: 503 });
    expect(error.message).not.toContain('the-secret');
  });

  test('the signal of a token function aborts when its stream waits no longer', async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<AbortSignal | undefined>();
    const token = ({ signal: own }: { signal?: AbortSignal | undefined }) => {
      asked.resolve(own);
      return new Promise<string>(() => {});
    };
    const waiting = requests({ token }).fetchServers(whom, controller.signal);
    const own = await asked.promise;
    expect(own?.aborted).toBe(false);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(own?.aborted).toBe(true);
  });

  test.each([undefined, '', 5, 'two words', 'a\nb'])(
    'a token function that gives %j is told so, without the value',
    async (given) => {
      const error = await rejection(fetchEvents('0', { token: () => given as string }));
      expect(error).toMatchObject({ request: 'token', transient: false });
      if (typeof given === 'string' && given) expect(error.message).not.toContain(given);
    },
  );
});

describe('options', () => {
  test.each([
    [{ token: '' }, /token/],
    [{ token: 'a\nb' }, /line break/],
    [{ token: undefined }, /token/],
    [{ apiUrl: 'box.com' }, /apiUrl/],
    [{ apiUrl: 'http://me:secret@box.com' }, /without a user/],
    [{ apiUrl: 'http://box.com/?a' }, /a query/],
    [{ limit: 501 }, /limit/],
    [{ limit: 0 }, /limit/],
    [{ requestTimeout: 0 }, /requestTimeout/],
    [{ requestTimeout: 2 ** 31 }, /requestTimeout/],
  ])('%j is refused with a clear error', (options, message) => {
    expect(() => requests(options as Partial<ServicesOptions>)).toThrow(message);
    expect(() => requests(options as Partial<ServicesOptions>)).toThrow(TypeError);
  });
});
