import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOnce } from './open-once.ts';
import { checkPosition, type OpenPositions, reasonOf } from './positions.ts';
import { isBusy } from './process-lock.ts';

/**
 * Keeps the positions of any number of users in a SQLite database, in its table `box_positions (user_id, stream_position)`. The rest of the
 * database may be yours, and several processes may use it at once, each with users of its own.
 *
 * The database is opened when it is needed first, and set to write-ahead logging (WAL). After a failure of the power, unlike after one
 * of the process, a position may be an older one: some events come again, and none is lost.
 *
 * @param path The database. Where there is none yet, it is made; its folder must be there.
 */
export function sqlitePositions(path: string): OpenPositions {
  const { use, close } = openOnce(`The positions in ${path}`, () => openDatabase(path));
  return {
    load: (userId) => use(({ load }) => patiently(() => load(userId))),
    async save(userId, streamPosition) {
      checkPosition(userId, streamPosition);
      await use(({ save }) => patiently(() => save(userId, streamPosition)));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface OpenDatabase {
  load(userId: string): string | undefined;
  save(userId: string, streamPosition: string): void;
  close(): void;
}

async function openDatabase(path: string): Promise<OpenDatabase> {
  // Loaded only here, as Node 22 warns of it.
  const { DatabaseSync } = await import('node:sqlite');
  let database: DatabaseSync | undefined;
  try {
    const opened = new DatabaseSync(path, { timeout: 0 });
    database = opened;
    return await patiently(() => prepare(opened));
  } catch (error) {
    database?.close();
    throw new Error(`Cannot open the positions in ${path}: ${reasonOf(error)}.`, { cause: error });
  }
}

function prepare(database: DatabaseSync): OpenDatabase {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS box_positions (user_id TEXT PRIMARY KEY, stream_position TEXT NOT NULL) STRICT`);
  const load = database.prepare('SELECT stream_position FROM box_positions WHERE user_id = ?');
  const save = database.prepare('INSERT OR REPLACE INTO box_positions VALUES (?, ?)');
  return {
    load(userId) {
      const position = load.get(userId)?.stream_position;
      return position === undefined ? undefined : String(position);
    },
    save: (userId, streamPosition) => void save.run(userId, streamPosition),
    close: () => database.close(),
  };
}

// SQLite would wait by itself, and hold up the whole process meanwhile: for each position anew, and for ever where it is this process that writes.
async function patiently<T>(work: () => T): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
    await sleep(pause);
  }
}

// How long somebody else may write before a save fails, and how often to look, in milliseconds.
const patience = 5_000;
const pause = 20;
