import { inspect } from 'node:util';
import { BoxCcgAuth, BoxJwtAuth, BoxOAuth, CcgConfig, JwtConfig, OAuthConfig } from 'box-node-sdk';
import { BaseUrls } from 'box-node-sdk/lib/networking/baseUrls';
import { NetworkSession } from 'box-node-sdk/lib/networking/network';
import { BoxRetryStrategy } from 'box-node-sdk/lib/networking/retries';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRequests } from '../src/services.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { type SdkToken, tokenFrom } from '../src/token-from.ts';
import { rejection } from './support/rejection.ts';

let box: Simulator;
beforeEach(async () => {
  box = await createSimulator({ users: 3 });
});
afterEach(async () => {
  vi.useRealTimers();
  await box.stop();
});

const noUser = { userId: undefined };
const tokensAsked = () => box.requests.filter(({ kind }) => kind === 'token').length;

/** The SDK, told where the simulator is; it does not try again by itself, which would take seconds. */
const session = () =>
  new NetworkSession({
    baseUrls: new BaseUrls({ baseUrl: box.url }),
    retryStrategy: new BoxRetryStrategy({ maxAttempts: 1, maxRetriesOnException: 0 }),
  });

const authentications = {
  BoxCcgAuth: async () => new BoxCcgAuth({ config: new CcgConfig({ ...box.application }) }),
  BoxJwtAuth: async () =>
    new BoxJwtAuth({ config: JwtConfig.fromConfigJsonString(box.application.generateKeypair()) }),
  BoxOAuth: async () => {
    const auth = new BoxOAuth({ config: new OAuthConfig({ ...box.application }) });
    await auth.getTokensAuthorizationCodeGrant(box.application.authorize(), session());
    return auth;
  },
};
const names = ['BoxCcgAuth', 'BoxJwtAuth', 'BoxOAuth'] as const;

/** What the stream makes of a token function: an answer, or a BoxError. */
const fetchEvents = (token: ReturnType<typeof tokenFrom>) =>
  createRequests({ token, apiUrl: box.apiUrl }).fetchEvents(
    { userId: undefined, streamType: 'all', streamPosition: '0' },
    new AbortController().signal,
  );

describe.each(names)('%s', (name) => {
  test('gives its token to any number of streams, and a further one when Box refuses that', async () => {
    const token = tokenFrom(await authentications[name](), session());
    const askAll = () => Promise.all(Array.from({ length: 100 }, () => fetchEvents(token)));
    await askAll();
    expect(tokensAsked()).toBe(1);
    for (const count of [2, 3]) {
      const end = box.setFault({ what: 'expireToken', on: 'events' });
      await askAll();
      await end();
      expect(tokensAsked()).toBe(count);
    }
    expect(box.requests.filter(({ kind, status }) => kind === 'token' && status !== 200)).toEqual([]);
  });

  test('gives the current token to whom Box refused an older one', async () => {
    const token = tokenFrom(await authentications[name](), session());
    const first = await token(noUser);
    const second = await token({ ...noUser, refused: first });
    expect(second).not.toBe(first);
    expect(await token({ ...noUser, refused: first })).toBe(second);
  });

  test('fails for good when access is revoked, and tells the word that OAuth has for it', async () => {
    const token = tokenFrom(await authentications[name](), session());
    await token(noUser);
    box.setFault({ what: 'revokeToken' });
    const error = await rejection(fetchEvents(token));
    expect(error).toMatchObject({ request: 'token', transient: false, status: 400, code: 'invalid_grant' });
    expect(error.message).toContain('with status 400 (invalid_grant). Check its credentials');
  });

  test('fails for now when the token endpoint does, and for as long as that says', async () => {
    const token = tokenFrom(await authentications[name](), session());
    const refused = await token(noUser);
    const renewed = () => token({ ...noUser, refused });
    const end = box.setFault({ what: 'status', on: 'token', status: 429, retryAfter: 7 });
    expect(await rejection(fetchEvents(renewed))).toMatchObject({
      ...{ request: 'token', transient: true, status: 429, retryAfter: 7_000 },
    });
    await end();
    expect((await fetchEvents(renewed)).events).toEqual([]);
  });
});

test('a wrong secret is told as such, and is in no error', async () => {
  const config = new CcgConfig({ ...box.application, clientSecret: 'the-wrong-secret' });
  const error = await rejection(fetchEvents(tokenFrom(new BoxCcgAuth({ config }), session())));
  expect(error).toMatchObject({ request: 'token', transient: false, code: 'invalid_client' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('the-wrong-secret');
});

test('a token endpoint that is not there may come back', async () => {
  const auth = await authentications.BoxCcgAuth();
  const networkSession = session();
  await box.stop();
  const error = await rejection(fetchEvents(tokenFrom(auth, networkSession)));
  expect(error).toMatchObject({ request: 'token', transient: true, code: 'ECONNREFUSED' });
});

test.each(['html', 'cut'] as const)(
  'a portal that answers instead of the token endpoint may go again: %s',
  async (what) => {
    const token = tokenFrom(await authentications.BoxCcgAuth(), session());
    box.setFault({ what, on: 'token' });
    const error = await rejection(fetchEvents(token));
    expect(error).toMatchObject({ request: 'token', transient: true });
    expect(error.message).toBe('POST /oauth2/token was answered with something that is no JSON.');
  },
);

test("a request that takes longer than the SDK's own timeout may be tried again", async () => {
  const timed = new NetworkSession({
    baseUrls: new BaseUrls({ baseUrl: box.url }),
    retryStrategy: new BoxRetryStrategy({ maxAttempts: 1, maxRetriesOnException: 0 }),
    timeoutConfig: { timeoutMs: 50 },
  });
  box.setFault({ what: 'silence', on: 'token' });
  const error = await rejection(fetchEvents(tokenFrom(await authentications.BoxCcgAuth(), timed)));
  expect(error).toMatchObject({ request: 'token', transient: true });
});

test('an object that hangs is given up after two minutes, and not asked a second time before', async () => {
  let asked = 0;
  const hangs = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  vi.useFakeTimers();
  const token = tokenFrom({ retrieveToken: hangs, refreshToken: hangs });
  const first = rejection(token(noUser));
  await vi.advanceTimersByTimeAsync(119_999);
  const second = rejection(token(noUser));
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await first).toMatchObject({ request: 'token', transient: true });
  await second;
  void token(noUser).catch(() => {});
  expect(asked).toBe(2);
});

test('an object whose storage gives the old token when the renewal is over is not renewed twice', async () => {
  const [firstRead, lateRead, renewal] = Array.from({ length: 3 }, () => Promise.withResolvers<SdkToken>());
  const reads = [firstRead?.promise, lateRead?.promise];
  let renewals = 0;
  const token = tokenFrom({
    retrieveToken: async () => (await reads.shift()) ?? { accessToken: 'new' },
    refreshToken: async () => {
      renewals += 1;
      return (await renewal?.promise) ?? {};
    },
  });
  const first = token({ ...noUser, refused: 'old' });
  firstRead?.resolve({ accessToken: 'old' });
  await vi.waitUntil(() => renewals === 1);
  const second = token({ ...noUser, refused: 'old' });
  renewal?.resolve({ accessToken: 'new' });
  expect(await first).toBe('new');
  lateRead?.resolve({ accessToken: 'old' });
  expect(await second).toBe('new');
  expect(renewals).toBe(1);
});

test('an object without a token is told so', async () => {
  const nothing = async () => ({});
  const error = await rejection(fetchEvents(tokenFrom({ retrieveToken: nothing, refreshToken: nothing })));
  expect(error).toMatchObject({ request: 'token', transient: false });
  expect(error.message).toMatch(/gave an empty string/);
});
