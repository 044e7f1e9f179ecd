/**
 * Does `work` within `milliseconds`. Its signal aborts when the time is over or when `signal` does; the promise then rejects at once, also
 * where `work` ignores the signal.
 */
export async function withDeadline<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const abort = (reason: unknown) => {
    controller.abort(reason);
    aborted.reject(reason);
  };
  const forward = () => abort(signal.reason);
  const timer = setTimeout(() => abort(new DeadlineError(milliseconds)), milliseconds);
  signal.addEventListener('abort', forward, { once: true });
  if (signal.aborted) forward();
  try {
    return await Promise.race([work(controller.signal), aborted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

/** The longest that a timer can run, in milliseconds: a longer one would end at once. */
export const longestTimer = 2 ** 31 - 1;

/** The time was over. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(milliseconds: number) {
    super(`no complete answer within ${milliseconds / 1_000} s`);
  }
}
