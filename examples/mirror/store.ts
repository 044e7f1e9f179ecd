import type { BoxEvent } from 'box-events';
import type { Database } from './database.ts';
import { type Item, itemOf, textOf } from './item.ts';

/** The events of a page, and the position after them. */
export interface Page {
  readonly events: readonly BoxEvent[];
  readonly streamPosition: string;
}

/** The mirror, with what has been applied to it. */
export interface Store {
  /** Where to go on with a stream; `undefined` before its first page. */
  loadPosition(stream: string): Promise<string | undefined>;
  /**
   * Has a page take effect, exactly once: each of its events that has not been applied yet, and the position after it, or nothing of
   * all that. Gives the number of events that were new.
   */
  apply(stream: string, page: Page): Promise<number>;
}

/** A store in a database, whose tables are made when they are not there. */
export async function createStore(database: Database): Promise<Store> {
  await database.transaction(async () => {
    for (const sql of tables) await database.query(sql);
  });

  // An event that says no id cannot be told from its repetition: it is applied, and the item's own sequence keeps it harmless.
  const isNew = async (eventId: string | null): Promise<boolean> =>
    eventId === null || (await database.query(noteEvent, [eventId])).length > 0;

  const save = async (item: Item, eventId: string | null): Promise<void> => {
    const { type, id, name, parentId, status, sequence } = item;
    await database.query(saveItem, [type, id, name, parentId, status, sequence]);
    await database.query(countEvent, [type, id, eventId]);
  };

  // The pages of several streams may come at once, and there is one connection.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(() => database.transaction(work));
    turn = result.catch(() => {});
    return result;
  };

  return {
    async loadPosition(stream) {
      const [row] = await database.query(loadPosition, [stream]);
      return row === undefined ? undefined : String(row.stream_position);
    },
    apply: (stream, { events, streamPosition }) =>
      inTurn(async () => {
        let applied = 0;
        for (const event of events) {
          const eventId = textOf(event.event_id);
          if (!(await isNew(eventId))) continue;
          const item = itemOf(event);
          if (item) await save(item, eventId);
          applied += 1;
        }
        await database.query(savePosition, [stream, streamPosition]);
        return applied;
      }),
  };
}

const tables = [
  `CREATE TABLE IF NOT EXISTS items (
    type text NOT NULL,
    id text NOT NULL,
    name text,
    parent_id text,
    status text NOT NULL,
    sequence bigint,
    events bigint NOT NULL DEFAULT 0,
    last_event_id text,
    PRIMARY KEY (type, id)
  )`,
  `CREATE TABLE IF NOT EXISTS applied_events (
    event_id text PRIMARY KEY,
    applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`,
  `CREATE TABLE IF NOT EXISTS positions (
    stream text PRIMARY KEY,
    stream_position text NOT NULL
  )`,
];

const loadPosition = 'SELECT stream_position FROM positions WHERE stream = $1';

const savePosition = `INSERT INTO positions (stream, stream_position) VALUES ($1, $2)
  ON CONFLICT (stream) DO UPDATE SET stream_position = excluded.stream_position`;

const noteEvent =
  'INSERT INTO applied_events (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING event_id';

// Box delivers out of order, too: what is older than what is known changes nothing. What a source does not say stays as it was.
const saveItem = `INSERT INTO items (type, id, name, parent_id, status, sequence) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (type, id) DO UPDATE SET
    name = coalesce(excluded.name, items.name),
    parent_id = coalesce(excluded.parent_id, items.parent_id),
    status = excluded.status,
    sequence = excluded.sequence
  WHERE items.sequence IS NULL OR excluded.sequence >= items.sequence`;

// To count is what may not be done twice.
const countEvent = 'UPDATE items SET events = events + 1, last_event_id = $3 WHERE type = $1 AND id = $2';
