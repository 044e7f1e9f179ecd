/** Gives what the work for this key gives. The signal says that this caller waits no longer. */
export type SharedWork<T> = (key: string, signal?: AbortSignal) => Promise<T>;

interface UnderWay<T> {
  readonly result: Promise<T>;
  readonly abort: (reason: unknown) => void;
  waiting: number;
}

/**
 * Does `work` once for all who ask for the same key at the same time. Neither what it gave nor how it failed is kept. Its signal
 * aborts when nobody who asked waits any more; whoever comes then begins anew.
 */
export function shareWork<T>(work: (key: string, signal: AbortSignal) => Promise<T>): SharedWork<T> {
  const allUnderWay = new Map<string, UnderWay<T>>();

  const begin = (key: string): UnderWay<T> => {
    const controller = new AbortController();
    const forget = () => {
      if (allUnderWay.get(key) === begun) allUnderWay.delete(key);
    };
    const begun: UnderWay<T> = {
      result: work(key, controller.signal).finally(forget),
      abort: (reason) => {
        forget();
        controller.abort(reason);
      },
      waiting: 0,
    };
    allUnderWay.set(key, begun);
    return begun;
  };

  return async (key, signal) => {
    signal?.throwIfAborted();
    const shared = allUnderWay.get(key) ?? begin(key);
    shared.waiting += 1;
    const leave = () => {
      shared.waiting -= 1;
      if (shared.waiting === 0) shared.abort(signal?.reason);
    };
    signal?.addEventListener('abort', leave);
    try {
      return await shared.result;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  };
}
