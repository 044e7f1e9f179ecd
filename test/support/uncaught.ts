/** Keeps what is thrown into the process, which would fail the test run, until it is disposed of. */
export function catchUncaught() {
  const others = process.listeners('uncaughtException');
  const thrown: unknown[] = [];
  const keep = (error: unknown) => thrown.push(error);
  process.removeAllListeners('uncaughtException').on('uncaughtException', keep);
  return {
    thrown,
    [Symbol.dispose]() {
      process.off('uncaughtException', keep);
      for (const other of others) process.on('uncaughtException', other);
    },
  };
}
