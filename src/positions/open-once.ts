/** Something that is opened when it is needed first, and closed once. */
export interface OpenedOnce<T> {
  /** Does some work with it, for which it is opened, if it is not open. After a failure to open it, the next call tries again. */
  use<Result>(work: (opened: T) => Result | Promise<Result>): Promise<Result>;
  /** Waits for the work under way first. */
  close(): Promise<void>;
}

/** @param what Names it in the error of whoever uses it after it was closed. */
export function openOnce<T extends { close(): unknown }>(
  what: string,
  open: () => Promise<T>,
): OpenedOnce<T> {
  const underWay = new Set<Promise<unknown>>();
  let opening: Promise<T> | undefined;
  let closing: Promise<void> | undefined;

  const closeNow = async () => {
    await Promise.allSettled(underWay);
    const opened = await opening;
    await opened?.close();
  };

  return {
    async use(work) {
      if (closing) throw new Error(`${what} were closed.`);
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      const working = opening.then(work);
      underWay.add(working);
      try {
        return await working;
      } finally {
        underWay.delete(working);
      }
    },
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}
