import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toPromise, waitFor } from 'xstate';
import { type ClientCredentialsOptions, clientCredentials } from '../src/client-credentials.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { listen } from './support/listen.ts';
import { rejection } from './support/rejection.ts';
import { follow, simulatedBox } from './support/stream.ts';

let box: Simulator;
beforeEach(async () => {
  box = await createSimulator({ users: 3 });
});
afterEach(async () => {
  vi.useRealTimers();
  await box.stop();
});

/** The token function of the simulator's app, for its enterprise. */
const forEnterprise = (options: Partial<ClientCredentialsOptions> = {}) => {
  const { clientId, clientSecret, enterpriseId } = box.application;
  return clientCredentials({ clientId, clientSecret, enterpriseId, tokenUrl: box.tokenUrl, ...options });
};
/** The same for one user, or for the user of each stream. */
const forUser = (options: Partial<ClientCredentialsOptions> = {}) =>
  forEnterprise({ enterpriseId: undefined, ...options });
const noUser = { userId: undefined };
const idOf = (index: number) => box.users[index]?.id ?? '';
const tokensAsked = () => box.requests.filter(({ kind }) => kind === 'token').length;
const statusWith = async (token: string, headers: Record<string, string> = {}) =>
  (await fetch(`${box.apiUrl}/events`, { headers: { authorization: `Bearer ${token}`, ...headers } })).status;
/** Time that stands still until it is moved; sockets go on. */
const stopTime = () => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });

describe('whom a token is for', () => {
  test('the enterprise: its service account acts for any user through as-user', async () => {
    const token = await forEnterprise()(noUser);
    expect(await statusWith(token, { 'as-user': idOf(2) })).toBe(200);
  });

  test('one user, whatever the stream', async () => {
    const token = forUser({ userId: idOf(1) });
    expect(await statusWith(await token({ userId: idOf(2) }))).toBe(200);
    expect(box.requests.at(-1)?.userId).toBe(idOf(1));
  });

  test('the user of each stream, when nobody is named: one function serves them all', async () => {
    const token = forUser();
    const tokens = await Promise.all([0, 1, 2, 0, 1, 2].map((index) => token({ userId: idOf(index) })));
    expect(new Set(tokens).size).toBe(3);
    expect(tokensAsked()).toBe(3);
    await statusWith(tokens[1] ?? '');
    expect(box.requests.at(-1)?.userId).toBe(idOf(1));
  });

  test('nobody at all is a clear error that will not pass', async () => {
    const error = await rejection(forUser()(noUser));
    expect(error).toMatchObject({ request: 'token', transient: false });
    expect(error.message).toMatch(/needs a userId or an enterpriseId, or the stream a userId/);
    expect(box.requests).toEqual([]);
  });
});

describe('the wire', () => {
  /** A server that keeps what it hears, and answers with a token. */
  const createTokenServer = async (answer: object = { access_token: 'given', expires_in: 60 }) => {
    const heard: { method: string | undefined; type: string | undefined; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      heard.push({ method: request.method, type: request.headers['content-type'], body });
      response.end(JSON.stringify(answer));
    });
    const tokenUrl = `http://127.0.0.1:${await listen(server)}/oauth2/token`;
    return { heard, tokenUrl, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
  };

  test('is a form by POST, as Box documents it', async () => {
    await using server = await createTokenServer();
    const secret = 'se&cr=et+%';
    const token = clientCredentials({
      ...{ clientId: 'id', clientSecret: secret, userId: '7', tokenUrl: server.tokenUrl },
    });
    expect(await token(noUser)).toBe('given');
    expect(server.heard.map(({ method, type }) => `${method} ${type}`)).toEqual([
      'POST application/x-www-form-urlencoded;charset=UTF-8',
    ]);
    expect(Object.fromEntries(new URLSearchParams(server.heard[0]?.body))).toEqual({
      ...{ grant_type: 'client_credentials', client_id: 'id', client_secret: secret },
      ...{ box_subject_type: 'user', box_subject_id: '7' },
    });
  });

  test.each([
    ['the transport', undefined],
    ['a fetch that would follow one', (request: Request) => fetch(request)],
  ])('no redirect is followed by %s: the secret goes to Box only', async (_, carrier) => {
    box.setFault({ what: 'redirect', on: 'token' });
    const error = await rejection(forEnterprise({ fetch: carrier })(noUser));
    expect(error).toMatchObject({ status: 307, transient: true });
    expect(box.report.elsewhere).toBe(0);
  });

  test('a fetch that is given carries it', async () => {
    const urls: string[] = [];
    const token = forEnterprise({
      fetch: (request) => {
        urls.push(request.url);
        return fetch(request);
      },
    });
    await token(noUser);
    expect(urls).toEqual([box.tokenUrl]);
  });
});

describe('one request serves all', () => {
  test('who asks at the same time, and who asks later, get the same token', async () => {
    const token = forEnterprise();
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => token(noUser)));
    expect(new Set([...tokens, await token(noUser)]).size).toBe(1);
    expect(tokensAsked()).toBe(1);
  });

  test('when Box refuses the token of a thousand streams, it is renewed once, and none misses anything', async () => {
    const surroundings = await simulatedBox({ users: 1_000 });
    await using other = surroundings.box;
    const { clientId, clientSecret, enterpriseId } = other.application;
    const token = clientCredentials({ clientId, clientSecret, enterpriseId, tokenUrl: other.tokenUrl });
    const options = { token, asUser: true };
    const streams = other.users.map(({ id }) => follow(surroundings, { userId: id }, options));
    await other.until(() => other.heldPolls === 1_000);
    other.setFault({ what: 'expireToken', on: 'events' });
    for (const { id } of other.users) other.publish({}, { userId: id });
    await Promise.all(
      streams.map(({ actor }) => waitFor(actor, ({ context }) => context.recent.length === 1)),
    );
    for (const { actor } of streams) actor.stop();
    expect(other.requests.filter(({ status }) => status === 401).length).toBeGreaterThan(500);
    expect(other.report.requests.token).toBe(2);
    expect(streams.flatMap((stream) => stream.retries())).toEqual([]);
  }, 30_000);

  test('a token that is current and refused is renewed at once; an older one that is refused gives the current one', async () => {
    const token = forEnterprise();
    const first = await token(noUser);
    const second = await token({ ...noUser, refused: first });
    expect(second).not.toBe(first);
    expect(await token({ ...noUser, refused: first })).toBe(second);
    expect(await token({ ...noUser, refused: 'older still' })).toBe(second);
    expect(tokensAsked()).toBe(2);
  });

  test('the token of one user is renewed without touching that of another', async () => {
    const token = forUser();
    const [one, other] = [{ userId: idOf(0) }, { userId: idOf(1) }];
    const kept = await token(other);
    await token({ ...one, refused: await token(one) });
    expect(await token(other)).toBe(kept);
    expect(tokensAsked()).toBe(3);
  });

  test('a token that was refused is not given again when its renewal fails', async () => {
    const token = forEnterprise();
    const first = await token(noUser);
    const end = box.setFault({ what: 'status', on: 'token', status: 503 });
    await rejection(token({ ...noUser, refused: first }));
    await end();
    expect(await token(noUser)).not.toBe(first);
  });
});

describe('before its end', () => {
  test('a token is renewed a minute before, and not sooner', async () => {
    const { advanceTimersByTime } = stopTime();
    const token = forEnterprise();
    const first = await token(noUser);
    advanceTimersByTime(3_540_000 - 1);
    expect(await token(noUser)).toBe(first);
    advanceTimersByTime(1);
    expect(await token(noUser)).not.toBe(first);
    expect(tokensAsked()).toBe(2);
  });

  test('a token that cannot be renewed for now is given on as long as it holds', async () => {
    stopTime();
    const token = forEnterprise();
    const first = await token(noUser);
    box.setFault({ what: 'status', status: 503, on: 'token' });
    vi.setSystemTime(Date.now() + 3_599_000);
    expect(await token(noUser)).toBe(first);
    expect(await rejection(token({ ...noUser, refused: first }))).toMatchObject({ status: 503 });
    vi.setSystemTime(Date.now() + 1_000);
    expect(await rejection(token(noUser))).toMatchObject({ status: 503, transient: true });
  });

  test.each([
    ['ten seconds', undefined, 10_000],
    ['as long as Retry-After says', 30, 30_000],
  ])(
    'a renewal that fails for now is let be for %s, however many requests come',
    async (_, retryAfter, rest) => {
      stopTime();
      const token = forEnterprise();
      const first = await token(noUser);
      box.setFault({ what: 'status', status: 503, on: 'token', ...(retryAfter && { retryAfter }) });
      vi.setSystemTime(Date.now() + 3_550_000);
      for (let request = 0; request < 5; request += 1) expect(await token(noUser)).toBe(first);
      vi.setSystemTime(Date.now() + rest - 1);
      expect(await token(noUser)).toBe(first);
      expect(tokensAsked()).toBe(2);
      vi.setSystemTime(Date.now() + 1);
      expect(await token(noUser)).toBe(first);
      expect(tokensAsked()).toBe(3);
    },
  );

  test('a token that cannot be renewed for good is given no more', async () => {
    stopTime();
    const token = forEnterprise();
    await token(noUser);
    box.setFault({ what: 'status', status: 400, on: 'token', body: '{"error":"invalid_grant"}' });
    vi.setSystemTime(Date.now() + 3_599_000);
    expect(await rejection(token(noUser))).toMatchObject({ code: 'invalid_grant', transient: false });
  });

  test('a token that holds for less than two minutes is renewed after half of its time', async () => {
    await using brief = await createSimulator({ expiresIn: 10 });
    const { advanceTimersByTime } = stopTime();
    const token = forEnterprise({ tokenUrl: brief.tokenUrl });
    const first = await token(noUser);
    advanceTimersByTime(4_999);
    expect(await token(noUser)).toBe(first);
    advanceTimersByTime(1);
    expect(await token(noUser)).not.toBe(first);
  });
});

describe('a request that hangs', () => {
  test('is given up after 15 seconds, and whoever comes then makes another one', async () => {
    const { advanceTimersByTimeAsync } = stopTime();
    const token = forEnterprise();
    box.setFault({ what: 'silence', on: 'token', nth: 1 });
    const waiting = Promise.all([rejection(token(noUser)), rejection(token(noUser))]);
    await box.until(() => tokensAsked() === 1);
    await advanceTimersByTimeAsync(15_000);
    for (const error of await waiting) {
      expect(error).toMatchObject({ request: 'token', transient: true });
      expect(error.message).toBe('POST /oauth2/token failed: no complete answer within 15 s.');
    }
    expect(await statusWith(await token(noUser))).toBe(200);
  });

  test('goes on while somebody waits, though another one has left', async () => {
    const gate = Promise.withResolvers<undefined>();
    box.intercept = () => gate.promise;
    const token = forEnterprise();
    const controller = new AbortController();
    const left = token({ ...noUser, signal: controller.signal }).catch(() => {});
    const waiting = token({ ...noUser, signal: new AbortController().signal });
    await box.until(() => tokensAsked() === 1);
    controller.abort();
    gate.resolve(undefined);
    expect(await statusWith(await waiting)).toBe(200);
    expect(tokensAsked()).toBe(1);
    await left;
  });

  test('is aborted when nobody waits any more, and whoever comes then makes another one', async () => {
    box.setFault({ what: 'silence', on: 'token', nth: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const token = forEnterprise();
    const left = token({ ...noUser, signal });
    await box.until(() => tokensAsked() === 1);
    controller.abort(new Error('enough'));
    const late = token({ ...noUser, signal });
    const next = token(noUser);
    await expect(left).rejects.toThrow('enough');
    await expect(late).rejects.toThrow('enough');
    expect(await statusWith(await next)).toBe(200);
    await box.until(() => box.requests[0]?.aborted === true);
    expect(tokensAsked()).toBe(2);
  });
});

describe('failures', () => {
  test.each([408, 429, 500, 503])('status %i may pass, and keeps Retry-After', async (status) => {
    box.setFault({ what: 'status', on: 'token', status, retryAfter: 7 });
    const error = await rejection(forEnterprise()(noUser));
    expect(error).toMatchObject({ request: 'token', transient: true, status, retryAfter: 7_000 });
  });

  test.each(['reset', 'html', 'empty', 'emptyObject', 'null', 'cut', 'wrongTypes', 'resetInBody'] as const)(
    '%s may pass, and is not kept',
    async (what) => {
      const token = forEnterprise();
      const end = box.setFault({ what, on: 'token' });
      expect(await rejection(token(noUser))).toMatchObject({ request: 'token', transient: true });
      await end();
      expect(await statusWith(await token(noUser))).toBe(200);
    },
  );

  test('a server that is not there may come back', async () => {
    const token = forEnterprise();
    await box.stop();
    expect(await rejection(token(noUser))).toMatchObject({ transient: true, code: 'ECONNREFUSED' });
  });

  test.each<[string, Partial<ClientCredentialsOptions>, string, RegExp]>([
    ['a wrong secret', { clientSecret: 'wrong' }, 'invalid_client', /Check clientId and clientSecret/],
    ['a wrong enterprise', { enterpriseId: '5' }, 'invalid_grant', /enterpriseId must be its own/],
  ])('%s will not pass, and the error says what to do', async (_, options, code, advice) => {
    const error = await rejection(forEnterprise(options)(noUser));
    expect(error).toMatchObject({ request: 'token', transient: false, status: 400, code });
    expect(error.message).toMatch(/^POST \/oauth2\/token was answered with 400 \(invalid_\w+, \w+/);
    expect(error.message).toMatch(advice);
  });

  test.each([
    ['unauthorized_client', /authorized by an admin/],
    ['something_new', /Check tokenUrl/],
  ])('so does %s', async (error, advice) => {
    box.intercept = () => ({ status: 400, body: { error, error_description: 'As Box says.' } });
    const { message, transient } = await rejection(forEnterprise()(noUser));
    expect(message).toContain(`(${error}, As Box says.)`);
    expect(message).toMatch(advice);
    expect(transient).toBe(false);
  });
});

describe('in the chart', () => {
  test('a failure that may pass backs off for as long as Retry-After says, and the stream goes on', async () => {
    const surroundings = await simulatedBox();
    await using other = surroundings.box;
    const { clientId, clientSecret } = other.application;
    const token = clientCredentials({ clientId, clientSecret, tokenUrl: other.tokenUrl });
    const end = other.setFault({ what: 'status', on: 'token', status: 429, retryAfter: 60 });
    const event = other.publish();
    const input = { userId: other.users[0]?.id, streamPosition: '0' };
    const stream = follow(surroundings, input, { token });
    await stream.reaches('backingOff');
    expect(stream.retries()).toMatchObject([{ error: { request: 'token', status: 429 }, attempt: 1 }]);
    expect(stream.retries()[0]?.delay).toBeGreaterThanOrEqual(60_000);
    await end();
    surroundings.clock.increment(61_000);
    await stream.rests();
    expect(stream.ids()).toEqual([event.event_id]);
    expect(JSON.stringify(stream.actor.getPersistedSnapshot())).not.toContain(clientSecret);
    stream.actor.stop();
  });

  test('a grant that is revoked ends the stream with an error that says so', async () => {
    const surroundings = await simulatedBox();
    await using other = surroundings.box;
    const { clientId, clientSecret } = other.application;
    const token = clientCredentials({ clientId, clientSecret, tokenUrl: other.tokenUrl });
    const stream = follow(surroundings, { userId: other.users[0]?.id }, { token });
    await stream.rests();
    other.setFault({ what: 'revokeToken' });
    other.publish();
    const error = await rejection(toPromise(stream.actor));
    expect(error).toMatchObject({ request: 'token', transient: false, code: 'invalid_grant' });
    expect(inspect(error)).toContain('Grant credentials are invalid');
    expect(stream.retries()).toEqual([]);
  });
});

describe('secrets', () => {
  const secret = 'a/secret=of+the&app';
  const everything = (value: unknown) => inspect(value, { depth: 9, showHidden: true, getters: true });
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), 'the-token'];

  test('the function shows neither secret nor token', async () => {
    const token = forEnterprise();
    const given = await token(noUser);
    const shown = everything(token) + String(token) + JSON.stringify({ token });
    expect(shown).not.toContain(box.application.clientSecret);
    expect(shown).not.toContain(given);
  });

  test.each([
    ['in its description', { error: 'invalid_client', error_description: `No ${secret} is known` }],
    ['as its code', { error: secret }],
    ['in a form', { error: 'x', error_description: `body: ${new URLSearchParams({ secret })}` }],
    ['where it is cut off', { error: 'x', error_description: `${' '.repeat(190)}${secret}` }],
    ['as the id of the request', { error: 'x', request_id: secret }],
  ])('a server that repeats the secret %s does not get it into the error', async (_, body) => {
    box.intercept = () => ({ status: 400, body, headers: { 'box-request-id': secret } });
    const error = await rejection(forEnterprise({ clientSecret: secret })(noUser));
    for (const form of [...forms, secret.slice(0, 8)]) expect(everything(error)).not.toContain(form);
  });

  test('a server that is none, and repeats what it hears, does not get it into the error', async () => {
    const echo = createServer().on('connection', (socket) => socket.on('error', () => {}).pipe(socket));
    const tokenUrl = `http://127.0.0.1:${await listen(echo)}/`;
    const error = await rejection(forEnterprise({ clientSecret: secret, tokenUrl })(noUser));
    echo.close().closeAllConnections();
    for (const form of forms) expect(everything(error)).not.toContain(form);
  });

  test('a fetch that tells what it sent does not get it into the error', async () => {
    const fails = async (request: Request) => {
      throw new Error(`could not send ${await request.text()} as ${secret}`);
    };
    const error = await rejection(forEnterprise({ clientSecret: secret, fetch: fails })(noUser));
    expect(error.message).toMatch(/^POST \/oauth2\/token failed: could not send .* as \(secret\)\.$/);
    for (const form of [...forms, String(new URLSearchParams({ secret })).slice(7)]) {
      expect(everything(error)).not.toContain(form);
    }
  });

  test('an answer that is no token does not get into the error', async () => {
    const body = { access_token: 'the-token\n', expires_in: 3_600 };
    box.intercept = () => ({ status: 200, body });
    const error = await rejection(forEnterprise()(noUser));
    expect(everything(error)).not.toContain('the-token');
  });
});

describe('options', () => {
  test.each<[string, object, RegExp]>([
    ['no client id', { clientId: undefined }, /clientId .* it is missing/],
    ['an empty secret', { clientSecret: '' }, /clientSecret .* it is missing/],
    ['a secret with the line break of its file', { clientSecret: 'hidden\n' }, /a space or a line break/],
    ['a user and an enterprise', { userId: '1' }, /userId or enterpriseId/],
    ['an empty enterprise', { enterpriseId: '' }, /enterpriseId must be the id/],
    ['a user that is a number', { userId: 7, enterpriseId: undefined }, /userId must be .* a string/],
    ['a URL in clear', { tokenUrl: 'http://api.box.com/oauth2/token' }, /https URL .* the secret goes there/],
    ['a host that only begins as this machine', { tokenUrl: 'http://127.0.0.1.example/' }, /https URL/],
    ['a host that only ends as this machine', { tokenUrl: 'http://not-localhost/' }, /https URL/],
    ['another protocol', { tokenUrl: 'file:///oauth2/token' }, /https URL/],
    ['a URL that is none', { tokenUrl: 'api.box.com' }, /https URL/],
    ['a URL with a password', { tokenUrl: 'https://me:hidden@api.box.com/' }, /without a user/],
    ['a URL with a query', { tokenUrl: 'https://api.box.com/?secret=hidden' }, /a query/],
  ])('%s is refused with a TypeError', (_, options, message) => {
    expect(() => forEnterprise(options)).toThrow(TypeError);
    expect(() => forEnterprise(options)).toThrow(message);
    expect(() => forEnterprise(options)).not.toThrow(/hidden/);
  });

  test.each([
    'http://localhost:1/',
    'http://127.1.2.3/',
    'http://[::1]:1/',
    'https://box.example/oauth2/token',
  ])('tokens may be asked for at %s', (tokenUrl) => {
    expect(() => forEnterprise({ tokenUrl })).not.toThrow();
  });
});
