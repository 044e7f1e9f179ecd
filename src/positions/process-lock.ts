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

/** Whether SQLite says that somebody else holds the lock. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  // The bits above say more closely why.
  return (Number(error.errcode) & 0xff) === sqliteBusy;
}

const sqliteBusy = 5;
