import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClock, createSimulator, type ManualClock, type Simulator } from '../src/simulator/index.ts';

let box: Simulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = createClock();
  box = await createSimulator({ clock, users: 2 });
});
afterEach(() => box.stop());

const userId = () => box.users[1]?.id ?? '';

/** Asks for a token as the app. */
const ask = async (form: Record<string, string>) => {
  const { clientId: client_id, clientSecret: client_secret } = box.application;
  const body = new URLSearchParams({ client_id, client_secret, ...form });
  const answer = await fetch(box.tokenUrl, { method: 'POST', body });
  return { status: answer.status, ...(await answer.json()) };
};
const askForUser = (form: Record<string, string> = {}) =>
  ask({
    ...{ grant_type: 'client_credentials', box_subject_type: 'user', box_subject_id: userId() },
    ...form,
  });
const askWithCode = (code: string) => ask({ grant_type: 'authorization_code', code });
const refresh = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token });
const statusWith = async (token: string) =>
  (await fetch(`${box.apiUrl}/events`, { headers: { authorization: `Bearer ${token}` } })).status;

test('a token ends when it has held for expires_in', async () => {
  const { access_token, expires_in } = await askForUser();
  clock.advance(expires_in * 1_000 - 1);
  expect(await statusWith(access_token)).toBe(200);
  clock.advance(1);
  expect(await statusWith(access_token)).toBe(401);
  expect(box.requests.at(-1)?.userId).toBe(userId());
});

test('how long a token holds, and who the app is, can be said', async () => {
  const application = { clientId: 'a', clientSecret: 'b', enterpriseId: '7' };
  await using other = await createSimulator({ expiresIn: 5, application });
  expect(other.application).toMatchObject(application);
  const answer = await fetch(other.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: 'a', client_secret: 'b' },
      ...{ box_subject_type: 'enterprise', box_subject_id: '7' },
    }),
  });
  expect(await answer.json()).toMatchObject({ expires_in: 5 });
});

test.each([
  [{ client_secret: 'wrong' }, 'invalid_client', 'The client credentials are invalid'],
  [{ client_id: 'wrong' }, 'invalid_client', 'The client credentials are invalid'],
  [{ box_subject_id: '5' }, 'invalid_grant', 'Grant credentials are invalid'],
  [{ box_subject_type: 'enterprise' }, 'invalid_grant', 'Grant credentials are invalid'],
  [{ grant_type: 'password' }, 'invalid_request', 'Invalid grant_type parameter or parameter missing'],
])('%j is refused as Box does', async (form, error, error_description) => {
  expect(await askForUser(form as Record<string, string>)).toEqual({ status: 400, error, error_description });
});

test('what is no form is not read', async () => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(box.tokenUrl, { method: 'POST', headers, body: '{"grant_type":"x"}' });
  expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
});

test('a fault happens to the token requests of one user only, who is known by the grant', async () => {
  box.setFault({ what: 'status', on: 'token', status: 500, userId: userId() });
  const code = box.application.authorize(userId());
  const { status } = await fetch(box.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', code }),
  });
  expect(status).toBe(500);
  expect((await askWithCode(box.application.authorize())).status).toBe(200);
  expect(box.report.users[userId()]?.token).toBe(1);
});

describe('OAuth', () => {
  test('an authorization code is good once, and for 30 seconds', async () => {
    const code = box.application.authorize(userId());
    const { access_token, refresh_token } = await askWithCode(code);
    expect(await statusWith(access_token)).toBe(200);
    expect(refresh_token).toMatch(/^[\w-]{20,}$/);
    expect(await askWithCode(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const late = box.application.authorize();
    clock.advance(30_000);
    expect(await askWithCode(late)).toMatchObject({ error: 'invalid_grant' });
  });

  test('a refresh token gives a token and the next refresh token, once, within 60 days', async () => {
    const first = await askWithCode(box.application.authorize(userId()));
    const second = await refresh(first.refresh_token);
    expect(await statusWith(second.access_token)).toBe(200);
    expect(await refresh(first.refresh_token)).toEqual({
      ...{ status: 400, error: 'invalid_grant', error_description: 'Refresh token has expired' },
    });
    const third = await refresh(second.refresh_token);
    clock.advance(60 * 86_400_000);
    expect(await refresh(third.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  test('a refresh token that came with a wrong secret is not used up', async () => {
    const { refresh_token } = await askWithCode(box.application.authorize());
    await ask({ grant_type: 'refresh_token', refresh_token, client_secret: 'wrong' });
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test('who revokes access gets no further token', async () => {
    const { access_token, refresh_token } = await askWithCode(box.application.authorize());
    box.setFault({ what: 'revokeToken' });
    expect(await statusWith(access_token)).toBe(401);
    expect(await refresh(refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(await askWithCode(box.application.authorize())).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('JWT', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** An assertion as Box's guide describes it, but for what is said otherwise. */
  const assertion = (config: string, { header = {}, ...claims }: Record<string, unknown> = {}) => {
    const { boxAppSettings, enterpriseID } = JSON.parse(config);
    const { publicKeyID: kid, privateKey: key, passphrase } = boxAppSettings.appAuth;
    const exp = Math.floor(clock.now() / 1_000) + 45;
    const signed = [
      { alg: 'RS512', kid, ...Object(header) },
      {
        ...{ iss: boxAppSettings.clientID, sub: enterpriseID, box_sub_type: 'enterprise' },
        ...{ aud: 'https://api.box.com/oauth2/token', jti: randomUUID(), exp, ...claims },
      },
    ]
      .map(part)
      .join('.');
    const signature = sign('RSA-SHA512', Buffer.from(signed), createPrivateKey({ key, passphrase }));
    return `${signed}.${signature.toString('base64url')}`;
  };
  const grant = (text: string) =>
    ask({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text });

  test('an assertion gives a token for the enterprise or for a user', async () => {
    const config = box.application.generateKeypair();
    expect(config).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----');
    const forEnterprise = await grant(assertion(config));
    expect(forEnterprise).toMatchObject({ status: 200, expires_in: 3_600 });
    expect(forEnterprise).not.toHaveProperty('refresh_token');
    const forUser = await grant(assertion(config, { box_sub_type: 'user', sub: userId() }));
    expect(await statusWith(forUser.access_token)).toBe(200);
    expect(box.requests.at(-1)?.userId).toBe(userId());
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['another client', { iss: 'other' }, "Please check the 'iss' claim."],
    ['another audience', { aud: 'https://box.com' }, "Please check the 'aud' claim."],
    ['an unknown subject', { sub: '5' }, "Please check the 'sub' claim. The 'sub' specified is invalid."],
    ['an end in the past', { exp: 1 }, 'Current date/time MUST be before'],
    ['an end too far off', { exp: 1e12 }, 'maximum value of 60 seconds'],
    ['no id', { jti: undefined }, "A unique 'jti' value is required"],
    ['an unknown key', { header: { kid: 'x' } }, '"kid" invalid'],
    ['no algorithm', { header: { alg: 'none' } }, 'Signature verification error'],
  ])('an assertion with %s is refused as Box does', async (_, said, description) => {
    const answer = await grant(assertion(box.application.generateKeypair(), said));
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(answer.error_description).toContain(description);
  });

  test('an assertion is good once, and one that somebody else signed never', async () => {
    const once = assertion(box.application.generateKeypair());
    expect((await grant(once)).status).toBe(200);
    expect((await grant(once)).error_description).toContain("unique 'jti'");
    await using other = await createSimulator();
    const foreign = assertion(other.application.generateKeypair(), { header: { kid: undefined } });
    expect((await grant(foreign)).error_description).toContain('Signature verification error');
    expect((await grant('nonsense')).error).toBe('invalid_grant');
  });
});

test('a test in another language gets all of it over HTTP', async () => {
  const post = async (path: string, body: object = {}) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    return (await fetch(`${box.url}/simulator/${path}`, init)).json();
  };
  const { tokenUrl, application } = await (await fetch(`${box.url}/simulator`)).json();
  const { clientId, clientSecret, enterpriseId } = box.application;
  expect({ tokenUrl, application }).toEqual({
    tokenUrl: box.tokenUrl,
    application: { clientId, clientSecret, enterpriseId },
  });
  const { code } = await post('authorize', { userId: userId() });
  expect((await askWithCode(code)).status).toBe(200);
  expect(await post('keypair')).toMatchObject({ boxAppSettings: { clientID: clientId } });
  expect(await post('authorize', { userId: '5' })).toMatchObject({ message: 'There is no user 5' });
});
