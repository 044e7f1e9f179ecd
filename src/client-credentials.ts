import { createFetch } from '#transport';
import { BoxError, isTransient } from '../machines/box-error.ts';
import { type AccessToken, readAccessToken } from './answers.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import { networkError, statusError } from './errors.ts';
import { hiding } from './hiding.ts';
import { shareWork } from './shared-work.ts';
import type { TokenRequest } from './token.ts';
import { type Fetch, type Transport, withSignal } from './transport/fetch.ts';

const boxTokenUrl = 'https://api.box.com/oauth2/token';

/** How long a request for a token may take: less than `requestTimeout` by default, so that it is this which is told, not what waits for it. */
const timeout = 15_000;

/** How long before its end a token is renewed: longer than a request takes. */
const margin = 60_000;

/** How long a renewal that has failed is let be, at least, while there is a token that holds. */
const rest = 10_000;

/** Which app asks for tokens, and whom it acts for. */
export interface ClientCredentialsOptions {
  /** The app's client id, from Box's Developer Console. */
  readonly clientId: string;
  /** The app's client secret. It goes to `tokenUrl` and nowhere else. */
  readonly clientSecret: string;
  /**
   * The user to act for; not together with `enterpriseId`.
   *
   * @default the `userId` of each stream, so that one function serves any number of users
   */
  readonly userId?: string | undefined;
  /** The enterprise whose service account to act as; with `asUser`, the account acts for the `userId` of each stream. */
  readonly enterpriseId?: string | undefined;
  /**
   * Where tokens are given: https, or http on this machine.
   *
   * @default 'https://api.box.com/oauth2/token'
   */
  readonly tokenUrl?: string | undefined;
  /**
   * What carries the requests. It must follow no redirect.
   *
   * @default the transport of the package, as for `createServices()`
   */
  readonly fetch?: Fetch | undefined;
}

/**
 * Gives tokens for an app with client credentials: `boxEvents({ token: clientCredentials({ clientId, clientSecret, enterpriseId }) })`.
 * Create it once for an application.
 *
 * A token is kept until a minute before it ends (or half of its time, if it holds for less than two), and renewed when it is asked for
 * then, or when Box has refused it. Where a renewal fails that may succeed later, it is given on as long as it holds, and the renewal is
 * tried again after ten seconds, or after what `Retry-After` says. There is one request at a time for each user or enterprise, however many
 * streams wait for it. It is given up after 15 seconds, or when no stream waits any more. A failure without a token that holds is not
 * kept: it rejects with a `BoxError`, which says whether it may pass.
 *
 * @see https://developer.box.com/guides/authentication/client-credentials
 * @throws {TypeError} that says which option is wrong.
 */
export function clientCredentials(
  options: ClientCredentialsOptions,
): (request: TokenRequest) => Promise<string> {
  const { userId, enterpriseId, requestToken } = checkOptions(options);
  const kept = new Map<string, KeptToken>();

  const renew = shareWork(async (subject, signal) => {
    const now = Date.now();
    const { accessToken, lifetime } = await requestToken(subject, signal);
    // They stand in the order in which they were renewed: those that nobody has asked for since come first.
    kept.delete(subject);
    for (const [other, { end }] of kept) {
      if (end > now) break;
      kept.delete(other);
    }
    const end = now + lifetime;
    kept.set(subject, { accessToken, until: end - Math.min(margin, lifetime / 2), end });
    return accessToken;
  });

  return async ({ userId: userOfStream, refused, signal }) => {
    const subject = enterpriseId ?? userId ?? userOfStream;
    if (subject === undefined) throw noSubjectError();
    const known = kept.get(subject);
    if (!known || known.accessToken === refused || Date.now() >= known.end) {
      kept.delete(subject);
      return renew(subject, signal);
    }
    if (Date.now() < known.until) return known.accessToken;
    return renew(subject, signal).catch((error: unknown) => {
      const now = Date.now();
      if (!isTransient(error) || now >= known.end) throw error;
      // It is asked for before each request, of each stream.
      const until = now + Math.max(rest, error.retryAfter ?? 0);
      if (kept.get(subject) === known) kept.set(subject, { ...known, until });
      return known.accessToken;
    });
  };
}

interface KeptToken {
  readonly accessToken: string;
  /** When to renew it, in milliseconds since 1970. */
  readonly until: number;
  /** When it ends. */
  readonly end: number;
}

interface Requests {
  readonly transport: Transport;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly subjectType: 'user' | 'enterprise';
}

function createRequestToken({ transport, tokenUrl, clientId, clientSecret, subjectType }: Requests) {
  const hide = hiding('(secret)', clientSecret, encode(clientSecret));

  const ask = async (subject: string, signal: AbortSignal): Promise<AccessToken> => {
    const request = new Request(tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        box_subject_type: subjectType,
        box_subject_id: subject,
      }),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
    });
    let answer: { response: Response; text: string };
    try {
      const response = await transport(request, signal);
      answer = { response, text: await response.text() };
    } catch (error) {
      signal.throwIfAborted();
      throw networkError('token', error, hide);
    }
    const { response, text } = answer;
    if (!response.ok) throw statusError('token', response, { text, hide });
    return readAccessToken(text);
  };

  return (subject: string, signal: AbortSignal): Promise<AccessToken> =>
    withDeadline(timeout, signal, (within) => ask(subject, within)).catch((error: unknown) => {
      throw error instanceof DeadlineError ? networkError('token', error) : error;
    });
}

function checkOptions(options: ClientCredentialsOptions) {
  const { clientId, clientSecret, userId, enterpriseId, tokenUrl = boxTokenUrl, fetch } = options;
  checkText('clientId', clientId);
  checkText('clientSecret', clientSecret);
  if (userId !== undefined && enterpriseId !== undefined) {
    throw new TypeError(
      'clientCredentials() acts for a user or for the enterprise: give userId or enterpriseId.',
    );
  }
  if (userId !== undefined) checkId('userId', userId);
  if (enterpriseId !== undefined) checkId('enterpriseId', enterpriseId);
  checkTokenUrl(tokenUrl);
  const subjectType = enterpriseId === undefined ? 'user' : 'enterprise';
  const transport = fetch ? withSignal(fetch) : createFetch();
  const requests = { transport, tokenUrl, clientId, clientSecret, subjectType } as const;
  return { userId, enterpriseId, requestToken: createRequestToken(requests) };
}

// Said without the value. A line break at the end is what a file leaves there.
function checkText(name: string, value: unknown): void {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return;
  const flaw = typeof value === 'string' && value !== '' ? 'it has a space or a line break' : 'it is missing';
  throw new TypeError(`${name} must be that of an app in Box's Developer Console, but ${flaw}.`);
}

function checkId(name: string, value: unknown): void {
  if (typeof value === 'string' && /^\w+$/.test(value)) return;
  throw new TypeError(`${name} must be the id that Box gave, as a string.`);
}

function checkTokenUrl(tokenUrl: unknown): void {
  const url = typeof tokenUrl === 'string' && URL.canParse(tokenUrl) ? new URL(tokenUrl) : undefined;
  const isSafe =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname));
  if (url && isSafe && !url.username && !url.password && !url.search && !url.hash) return;
  throw new TypeError(
    `tokenUrl must be an https URL such as ${boxTokenUrl} (or http on this machine: the secret goes there), without a user, a query or a fragment.`,
  );
}

function noSubjectError(): BoxError {
  return new BoxError('clientCredentials() needs a userId or an enterpriseId, or the stream a userId.', {
    request: 'token',
    transient: false,
  });
}

/** As a form has it. */
function encode(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}
