import { DeadlineError, withDeadline } from './deadline.ts';
import { networkError } from './errors.ts';
import { shareWork } from './shared-work.ts';
import type { TokenRequest } from './token.ts';

/** Longer than `box-node-sdk` goes on trying by itself, for it cannot be told to end, and two renewals must not run side by side. */
const timeout = 120_000;

/** What of a token of `box-node-sdk` is needed. */
export interface SdkToken {
  /** The access token. */
  readonly accessToken?: string | undefined;
}

/** What `BoxCcgAuth`, `BoxJwtAuth` and `BoxOAuth` of `box-node-sdk` 10 have in common. */
export interface SdkAuth<NetworkSession> {
  /** The token that it has, or a first one. */
  retrieveToken(networkSession?: NetworkSession): Promise<SdkToken>;
  /** A further token. */
  refreshToken(networkSession?: NetworkSession): Promise<SdkToken>;
}

/**
 * Gives the tokens of an authentication object of `box-node-sdk` 10: `boxEvents({ token: tokenFrom(new BoxJwtAuth({ config })) })`.
 * Create it once for each such object.
 *
 * The object is asked for a further token when Box has refused the one that it has, and once for any number of streams: Box's refresh
 * tokens can be used once.
 *
 * @param networkSession What the object is to use, where that is not the SDK's default: a proxy, another URL than Box's.
 */
export function tokenFrom<NetworkSession>(
  auth: SdkAuth<NetworkSession>,
  networkSession?: NetworkSession,
): (request: TokenRequest) => Promise<string> {
  const retrieve = shareCall(() => auth.retrieveToken(networkSession));
  const refresh = shareCall(() => auth.refreshToken(networkSession));
  return async ({ refused }) => {
    const accessToken = await retrieve();
    return accessToken === refused ? refresh() : accessToken;
  };
}

// It goes on also when nobody waits for it any more: whoever comes then must not start another one beside it.
function shareCall(ask: () => Promise<SdkToken>): () => Promise<string> {
  const share = shareWork(async (_, signal) => {
    try {
      const { accessToken = '' } = await withDeadline(timeout, signal, ask);
      return accessToken;
    } catch (error) {
      throw error instanceof DeadlineError ? networkError('token', error) : error;
    }
  });
  return () => share('');
}
