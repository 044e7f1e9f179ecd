/** Something that is opened when it is needed first, and closed once. */
export interface OpenedOnce<T> {
  /** Opens it, if it is not open. After a failure, the next call tries again. */
  get(): Promise<T>;
  close(): Promise<void>;
}

/** @param what Names it in the error of whoever uses it after it was closed. */
export function openOnce<T extends { close(): unknown }>(
  what: string,
  open: () => Promise<T>,
): OpenedOnce<T> {
  let opening: Promise<T> | undefined;
  let isClosed = false;

  return {
    async get() {
      if (isClosed) throw new Error(`${what} were closed.`);
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}
