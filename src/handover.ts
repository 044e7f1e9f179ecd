/** An item in the taker's hands. */
export interface Offer<T> {
  readonly item: T;
  /** Says that the item is handled: the giver may offer the next one. */
  handled(): void;
}

/** Hands items from givers to one taker, one at a time and in the order in which they were offered: each waits for the other. */
export interface Handover<T> {
  /** Resolves once the item is handled; never when the handover ends before. Who offers one item at a time has one in memory. */
  offer(item: T): Promise<void>;
  /** The next item; `undefined` at the end. Rejects, once, with the error it ended with. */
  take(): Promise<Offer<T> | undefined>;
  /** Ends it: what was offered and not taken is dropped. Only the first end counts. */
  end(outcome?: { error: unknown }): void;
}

export function createHandover<T>(): Handover<T> {
  const offered: Offer<T>[] = [];
  let taker: PromiseWithResolvers<Offer<T> | undefined> | undefined;
  let ending: { error: unknown } | 'quietly' | undefined;

  // Lets the taker go on, once there is something to go on with.
  const meet = () => {
    if (!taker || !(ending || offered.length > 0)) return;
    const { resolve, reject } = taker;
    taker = undefined;
    if (typeof ending === 'object') {
      reject(ending.error);
      ending = 'quietly';
    } else {
      resolve(ending ? undefined : offered.shift());
    }
  };

  return {
    offer(item) {
      const { promise, resolve } = Promise.withResolvers<void>();
      offered.push({ item, handled: resolve });
      meet();
      return promise;
    },
    take() {
      taker = Promise.withResolvers();
      const { promise } = taker;
      meet();
      return promise;
    },
    end(outcome) {
      ending ??= outcome ?? 'quietly';
      meet();
    },
  };
}
