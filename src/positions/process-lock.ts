/** A lock that is held. */
export interface ProcessLock {
  release(): void;
}

/**
 * Locks a path against every other process, and against a second lock in this one. The operating system holds the lock, through SQLite:
 * it is gone as soon as the process is, also when that was killed, and nothing has to be judged by its age. The file is empty, and stays:
 * whoever removed it could remove the lock of somebody else.
 *
 * @returns nothing when it is held already.
 */
export async function lock(path: string): Promise<ProcessLock | undefined> {
  // Loaded only here, as Node 22 warns of it.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

const sqliteBusy = 5;
