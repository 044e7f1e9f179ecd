/** The request that failed: `token` is the token function, or its request for a token; `poll` is the long poll on a realtime server. */
export type BoxRequest = 'token' | 'servers' | 'poll' | 'events';

/** The facts of a {@link BoxError}, which say the same there. */
export interface BoxErrorDetails {
  /** Which request failed. */
  readonly request: BoxRequest;
  /** Whether the failure may pass by itself. */
  readonly transient: boolean;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** Box's error code, or the network's. */
  readonly code?: string | undefined;
  /** Box's identifier of the request. */
  readonly requestId?: string | undefined;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** The bare network error. */
  readonly cause?: unknown;
}

/**
 * What went wrong with Box, or on the way to it. It keeps no request, no header, no URL and no token, so it can be logged as it is;
 * its `cause`, where there is one, is the bare network error.
 *
 * The stream handles a transient one by itself and emits it with `retry`; any other ends the stream.
 */
export class BoxError extends Error {
  /** Always `BoxError`. */
  override readonly name = 'BoxError';
  /** Which request failed. */
  readonly request: BoxRequest;
  /** Whether the failure may pass by itself. */
  readonly transient: boolean;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** Box's error code, `rate_limit_exceeded` for one, or the network's, `ECONNREFUSED` for one. */
  readonly code?: string;
  /** Box's identifier of the failed request: what Box's support asks for. */
  readonly requestId?: string;
  /** How long the server asked to wait before the next request, in milliseconds. */
  readonly retryAfter?: number;

  constructor(message: string, { request, transient, cause, ...rest }: BoxErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.request = request;
    this.transient = transient;
    if (rest.status !== undefined) this.status = rest.status;
    if (rest.code !== undefined) this.code = rest.code;
    if (rest.requestId !== undefined) this.requestId = rest.requestId;
    if (rest.retryAfter !== undefined) this.retryAfter = rest.retryAfter;
  }
}

/** Whether an error is a {@link BoxError} that may pass; one that crossed a process or another copy of this package counts, too. */
export function isTransient(error: unknown): error is BoxError {
  return typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;
}
