import { DeadlineError, withDeadline } from './deadline.ts';
import { networkError, shapeError } from './errors.ts';
import { innermost } from './foreign-error.ts';
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
  let renewals = 0;
  const retrieve = shareCall(async () => {
    const renewalsBefore = renewals;
    const { accessToken = '' } = await auth.retrieveToken(networkSession);
    return { accessToken, renewalsBefore };
  });
  const refresh = shareCall(async () => {
    const { accessToken = '' } = await auth.refreshToken(networkSession);
    renewals += 1;
    return accessToken;
  });
  return async ({ refused }) => {
    for (;;) {
      const { accessToken, renewalsBefore } = await retrieve();
      if (accessToken !== refused) return accessToken;
      // A storage that takes its time may give what was there before a renewal that is over by now: then it is asked again.
      if (renewalsBefore === renewals) return refresh();
    }
  };
}

// It goes on also when nobody waits for it any more: whoever comes then must not start another one beside it.
function shareCall<T>(ask: () => Promise<T>): () => Promise<T> {
  const share = shareWork(async (_, signal) => {
    try {
      return await withDeadline(timeout, signal, ask);
    } catch (error) {
      if (error instanceof DeadlineError) throw networkError('token', error);
      if (innermost(error) instanceof SyntaxError) throw shapeError('token', 'something that is no JSON');
      throw error;
    }
  });
  return () => share('');
}
