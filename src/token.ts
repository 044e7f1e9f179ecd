import { BoxError } from '../machines/box-error.ts';
import { noTokenError, tokenError } from './errors.ts';

/** For whom a token is asked. */
export interface TokenRequest {
  /** The `userId` of the stream's input. */
  readonly userId: string | undefined;
  /** The token that Box has just answered 401 to; a provider that many streams share renews when this is still its current one. */
  readonly refused?: string | undefined;
  /** Aborts when nobody waits for the token any more: the stream has ended, or `requestTimeout` is over. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * An access token, or a function that gives one; it is called before each request to the API, so it caches.
 *
 * A `BoxError` that it throws with `request: 'token'` is passed on as it is; of any other error nothing is repeated.
 */
export type Token = string | ((request: TokenRequest) => string | Promise<string>);

/** @throws {TypeError} when it is neither a function nor a string that a header can carry. */
export function checkToken(token: unknown): void {
  if (typeof token === 'function') return;
  const flaw = flawOf(token);
  if (flaw) throw new TypeError(`token must be an access token or a function that gives one, not ${flaw}.`);
}

/** @throws {TypeError} when one token is to serve many users, and is not one that acts for them. */
export function checkTokenForMany({ token, asUser }: { token: unknown; asUser?: boolean | undefined }): void {
  if (typeof token !== 'string' || asUser) return;
  throw new TypeError(
    'One token is one user: set asUser, for a token that acts for many, or give a function that gives each user their own.',
  );
}

/** The token for the next request. Rejects with a `BoxError` that repeats nothing of another error of the function. */
export async function readToken(token: Token, request: TokenRequest): Promise<string> {
  if (typeof token === 'string') return token;
  let given: unknown;
  try {
    given = await token(request);
  } catch (error) {
    throw error instanceof BoxError && error.request === 'token' ? error : tokenError(error);
  }
  const flaw = flawOf(given);
  if (flaw || typeof given !== 'string') throw noTokenError(flaw ?? 'no string');
  return given;
}

/** What keeps a value from being a token. Said without the value: what was meant to be a token may be a secret. */
export function flawOf(token: unknown): string | undefined {
  if (typeof token !== 'string') return token === null ? 'null' : `of type ${typeof token}`;
  if (token === '') return 'an empty string';
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : 'a string with a space, a line break or another character that no header can carry';
}
