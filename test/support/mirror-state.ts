import type { Database } from '../../examples/mirror/database.ts';
import { byTypeAndId, type Truth } from './working-box.ts';

/** What to run in a database of the mirror so that each effect of an event is counted there, in the transaction that has it. */
export const countEffects = {
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
} as const;

/** What a mirror holds, in the shape of the truth: an event that took effect twice stands there twice. */
export async function readMirror(database: Database): Promise<Truth> {
  const items = await database.query('SELECT * FROM items');
  const applied = await database.query('SELECT event_id FROM applied_events');
  const effects = await database.query('SELECT event_id, times FROM effects');
  return {
    items: items
      .map(({ type, id, name, parent_id, status, sequence, events }) => ({
        type: String(type),
        id: String(id),
        name: String(name),
        parentId: String(parent_id),
        status: String(status),
        sequence: sequence === null ? null : String(sequence),
        events: Number(events),
      }))
      .sort(byTypeAndId),
    eventIds: applied.map(({ event_id: eventId }) => String(eventId)).sort(),
    itemEventIds: effects
      .flatMap(({ event_id: eventId, times }) => new Array<string>(Number(times)).fill(String(eventId)))
      .sort(),
  };
}
