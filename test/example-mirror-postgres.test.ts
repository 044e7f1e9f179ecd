import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../examples/mirror/database.ts';
import { openDatabase } from '../examples/mirror/postgres.ts';
import { createStore, type Page } from '../examples/mirror/store.ts';
import { killAgain, liveTwice } from './support/kill-again.ts';
import { countEffects, differencesFrom, noDifferences } from './support/mirror-state.ts';
import { liveUntilCaughtUp } from './support/mortal.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { createWorkingBox, type WorkingBox } from './support/working-box.ts';

const times = Math.ceil(Number(process.env.KILLS ?? 30) / 4);
const seed = Date.now();
const example = fileURLToPath(new URL('../examples/mirror', import.meta.url));
// Inside the package, where its name and that of `pg` resolve as they do for a user.
const folder = fileURLToPath(new URL('../dist/mirror-postgres', import.meta.url));
let postgres: Postgres;
let database: Database;
let working: WorkingBox;

beforeAll(async () => {
  postgres = await startPostgres();
  await rm(folder, { recursive: true, force: true });
  await cp(example, folder, { recursive: true });
  const main = await readFile(`${folder}/main.ts`, 'utf8');
  await writeFile(`${folder}/main.ts`, main.replace(`'./sqlite.ts'`, `'./postgres.ts'`));
}, 60_000);
beforeEach(async () => {
  working = await createWorkingBox(seed);
  database = await openDatabase(postgres.url);
  await database.query('DROP SCHEMA public CASCADE');
  await database.query('CREATE SCHEMA public');
  await countEffects(database, 'postgres');
});
afterEach(async () => {
  await database.close();
  await working.box.stop();
});
afterAll(() => postgres.stop());

const program = () => ({
  ...{ box: working.box, path: `${folder}/main.ts`, database: postgres.url },
  probe: 'probe-postgres.ts',
});

test(`one import is changed, and ${times} kills do the mirror in Postgres no harm`, async () => {
  const places = await killAgain(program(), working, { times, seed });
  if (process.env.KILLS) console.log(places);
  expect(places.get('in a transaction')).toBeGreaterThan(times / 20);
  await liveUntilCaughtUp(program());
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
}, 300_000);

test('two of them at once apply each event once all the same', async () => {
  await liveTwice(program(), working);
  await liveUntilCaughtUp(program());
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
}, 30_000);

test('events that come again and in any order make the same mirror', async () => {
  working.work(200);
  const store = await createStore(database);
  const events = working.box.eventsOf() as Page['events'];
  await store.apply('me', { events: events.toReversed(), streamPosition: '1' });
  await store.apply('me', { events, streamPosition: '2' });
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
});

test('an event that the database refuses leaves nothing of its page, and not the position', async () => {
  const store = await createStore(database);
  await store.apply('me', { events: [], streamPosition: '1' });
  await database.query(`ALTER TABLE applied_events ADD CHECK (event_id <> 'refused')`);
  const events = ['taken', 'refused'].map((id) => ({ type: 'event', event_id: id }));
  await expect(store.apply('me', { events, streamPosition: '2' })).rejects.toThrow('check constraint');
  expect(await store.loadPosition('me')).toBe('1');
  expect(await database.query('SELECT * FROM applied_events')).toEqual([]);
});

test('a name with a character that Postgres does not take is taken all the same', async () => {
  const store = await createStore(database);
  const source = { type: 'file', id: '1', name: 'a\0b\ud800' };
  await store.apply('me', { events: [{ type: 'event', event_id: 'e\0', source }], streamPosition: '1' });
  expect(await database.query('SELECT name FROM items')).toEqual([{ name: 'a\ufffdb\ufffd' }]);
});

test('pages of several streams may come at once, and one that fails takes no other with it', async () => {
  const store = await createStore(database);
  await database.query(`ALTER TABLE applied_events ADD CHECK (event_id <> 'refused')`);
  const apply = (stream: string, eventId: string) =>
    store.apply(stream, { events: [{ type: 'event', event_id: eventId }], streamPosition: '1' });
  const outcomes = await Promise.allSettled([
    apply('one', 'a'),
    apply('another', 'refused'),
    apply('third', 'b'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await database.query('SELECT stream FROM positions ORDER BY stream')).toEqual([
    { stream: 'one' },
    { stream: 'third' },
  ]);
});

test('a connection that is lost meanwhile fails the next page, and not the process', async () => {
  const lost = await openDatabase(postgres.url);
  const store = await createStore(lost);
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
  );
  await expect(store.apply('me', { events: [], streamPosition: '1' })).rejects.toThrow();
});

test.each(['mirror.db', 'postgres://tester:secret@[/mirror'])(
  '%s is refused as a database, and not repeated',
  async (url) => {
    const error: unknown = await openDatabase(url).catch((reason) => reason);
    expect(inspect(error)).toContain('MIRROR_DATABASE must be');
    expect(inspect(error)).not.toContain('secret');
  },
);
