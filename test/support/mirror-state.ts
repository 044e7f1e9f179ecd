import type { Database } from '../../examples/mirror/database.ts';
import { createStore } from '../../examples/mirror/store.ts';
import type { TrueItem, Truth } from './working-box.ts';

/** Makes the tables of the mirror, and has each effect of an event counted there, in the transaction that has it. */
export async function countEffects(database: Database, dialect: keyof typeof counting): Promise<void> {
  await createStore(database);
  for (const sql of counting[dialect]) await database.query(sql);
}

const counting = {
  sqlite: [
    'CREATE TABLE effects (event_id text PRIMARY KEY, times integer NOT NULL)',
    `CREATE TRIGGER count_effects AFTER UPDATE OF events ON items BEGIN
      INSERT INTO effects VALUES (new.last_event_id, 1) ON CONFLICT DO UPDATE SET times = times + 1;
    END`,
  ],
  postgres: [
    'CREATE TABLE effects (event_id text PRIMARY KEY, times integer NOT NULL)',
    `CREATE FUNCTION count_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO effects VALUES (new.last_event_id, 1)
        ON CONFLICT (event_id) DO UPDATE SET times = effects.times + 1;
      RETURN new;
    END $$`,
    'CREATE TRIGGER count_effects AFTER UPDATE OF events ON items FOR EACH ROW EXECUTE FUNCTION count_effect()',
  ],
};

/** What is wrong with a mirror. */
export interface Differences {
  /** Ids of events that are not there. */
  readonly missing: readonly string[];
  /** Ids of events about a folder or a file that had no effect. */
  readonly withoutEffect: readonly string[];
  /** Ids of events that had more than one effect, or that nobody knows. */
  readonly surplus: readonly string[];
  /** Folders and files that are not what they should be. */
  readonly items: readonly { readonly is: TrueItem | undefined; readonly shouldBe: TrueItem | undefined }[];
}

/** Nothing. */
export const noDifferences: Differences = { missing: [], withoutEffect: [], surplus: [], items: [] };

/** Compares what a mirror holds with the truth, by what its database counted. */
export async function differencesFrom(truth: Truth, database: Database): Promise<Differences> {
  const applied = new Set((await database.query('SELECT event_id FROM applied_events')).map(idOf));
  const effects = await database.query('SELECT event_id, times FROM effects');
  const effective = new Set(effects.map(idOf));
  const rows = await database.query('SELECT * FROM items');
  const items = new Map(rows.map(itemOf).map((item) => [keyOf(item), item]));
  const trueItems = new Map(truth.items.map((item) => [keyOf(item), item]));
  const known = new Set(truth.eventIds);
  return {
    missing: truth.eventIds.filter((id) => !applied.has(id)),
    withoutEffect: truth.itemEventIds.filter((id) => !effective.has(id)),
    surplus: [
      ...effects.filter(({ times }) => Number(times) !== 1).map(idOf),
      ...[...applied, ...effective].filter((id) => !known.has(id)),
    ],
    items: [...new Set([...items.keys(), ...trueItems.keys()])]
      .map((key) => ({ is: items.get(key), shouldBe: trueItems.get(key) }))
      .filter(({ is, shouldBe }) => JSON.stringify(is) !== JSON.stringify(shouldBe)),
  };
}

function idOf({ event_id: eventId }: Readonly<Record<string, unknown>>): string {
  return String(eventId);
}

function keyOf({ type, id }: TrueItem): string {
  return `${type} ${id}`;
}

function itemOf(row: Readonly<Record<string, unknown>>): TrueItem {
  return {
    type: String(row.type),
    id: String(row.id),
    name: String(row.name),
    parentId: String(row.parent_id),
    status: String(row.status),
    sequence: row.sequence === null ? null : String(row.sequence),
    events: Number(row.events),
  };
}
