import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../examples/mirror/connect.ts';
import type { Database } from '../examples/mirror/database.ts';
import { openDatabase } from '../examples/mirror/sqlite.ts';
import { createStore, type Page } from '../examples/mirror/store.ts';
import { killAgain, liveTwice } from './support/kill-again.ts';
import { countEffects, differencesFrom, noDifferences } from './support/mirror-state.ts';
import { liveUntilCaughtUp } from './support/mortal.ts';
import { createWorkingBox, type TrueItem, type WorkingBox } from './support/working-box.ts';

const times = Number(process.env.KILLS ?? 30);
const path = fileURLToPath(new URL('../examples/mirror/main.ts', import.meta.url));
const seed = Date.now();
let folder: string;
let files = 0;
let file: string;
let database: Database;
let working: WorkingBox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-events-mirror-'));
});
beforeEach(async () => {
  working = await createWorkingBox(seed);
  files += 1;
  file = join(folder, `${files}.db`);
  database = await openDatabase(file);
  await countEffects(database, 'sqlite');
});
afterEach(async () => {
  await database.close();
  await working.box.stop();
});
afterAll(() => rm(folder, { recursive: true }));

const program = () => ({ box: working.box, path, database: file, probe: 'probe-sqlite.ts' });

test(`killed ${times} times while Box misbehaves, it has what there is, and each event took effect once`, async () => {
  const places = await killAgain(program(), working, { times, seed });
  if (process.env.KILLS) console.log(places);
  expect(places.get('in a transaction')).toBeGreaterThan(times / 20);
  await liveUntilCaughtUp(program());
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
  expect(working.truth.eventIds.length).toBeGreaterThan(times);
}, 300_000);

test('two of them at once apply each event once all the same', async () => {
  await liveTwice(program(), working);
  await liveUntilCaughtUp(program());
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
}, 30_000);

test('events that come again and in any order make the same mirror', async () => {
  working.work(600);
  const store = await createStore(database);
  const events = working.box.eventsOf() as Page['events'];
  const streamPosition = working.box.positionOf();
  const newer = await store.apply('me', { events: events.slice(300).toReversed(), streamPosition });
  const older = await store.apply('me', { events: events.slice(0, 300), streamPosition });
  const again = await store.apply('me', { events, streamPosition });
  expect([newer, older, again]).toEqual([300, 300, 0]);
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
});

test('pages of several streams may come at once: the same event has its effect once', async () => {
  working.work(50);
  const events = working.box.eventsOf() as Page['events'];
  const store = await createStore(database);
  const applied = await Promise.all(
    ['one', 'other'].map((stream) => store.apply(stream, { events, streamPosition: '1' })),
  );
  expect(applied).toEqual([50, 0]);
  expect(await database.query('SELECT * FROM positions')).toHaveLength(2);
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
});

test('the query of its README finds the files that are there', async () => {
  working.work(2_000);
  const events = working.box.eventsOf() as Page['events'];
  await (await createStore(database)).apply('me', { events, streamPosition: '1' });
  const readme = await readFile(new URL('../examples/mirror/README.md', import.meta.url), 'utf8');
  const [, sql = ''] = /```sql\n(.*?)```/s.exec(readme) ?? [];
  const { items } = working.truth;
  const folders = new Map(items.filter(({ type }) => type === 'folder').map((item) => [item.id, item]));
  const pathOf = ({ name, parentId }: TrueItem): string => {
    const folder = folders.get(parentId);
    return folder ? `${pathOf(folder)}/${name}` : `${parentId}/${name}`;
  };
  const paths = items.filter(({ type }) => type === 'file').map(pathOf);
  const found = (await database.query(sql)).map(({ path }) => `0/${path}`);
  expect(found.toSorted()).toEqual(paths.filter((path) => path.startsWith('0/')).toSorted());
  expect(found.length).toBeGreaterThan(10);
});

test('an event that the database refuses leaves nothing of its page, and not the position', async () => {
  working.work(20);
  const streamPosition = working.box.positionOf();
  const events = working.box.eventsOf() as Page['events'];
  const store = await createStore(database);
  await store.apply('me', { events: events.slice(0, 5), streamPosition: '5' });
  await database.query(`CREATE TRIGGER refuse BEFORE INSERT ON applied_events WHEN new.event_id = '${events[15]?.event_id}'
    BEGIN SELECT raise(FAIL, 'refused'); END`);
  await expect(store.apply('me', { events, streamPosition })).rejects.toThrow('refused');
  expect(await store.loadPosition('me')).toBe('5');
  expect(await database.query('SELECT * FROM applied_events')).toHaveLength(5);
});

test('an event without an id, or with a source of any shape, does not end it', async () => {
  const store = await createStore(database);
  const sources = [null, undefined, 'file', 7, [], { type: 'file' }, { type: 'file', id: 7, parent: 'none' }];
  const file = { type: 'file', id: '9', name: 'a\0b', parent: null, sequence_id: 3, item_status: {} };
  const events = [...sources, file].map((source) => ({ type: 'event', source })) as Page['events'];
  expect(await store.apply('me', { events, streamPosition: '1' })).toBe(8);
  expect(await database.query('SELECT type, id, name, status, sequence FROM items')).toEqual([
    { type: 'file', id: '9', name: 'a\ufffdb', status: 'active', sequence: null },
  ]);
});

test('what is told in the short form, without a sequence, changes nothing that is known better', async () => {
  const store = await createStore(database);
  const source = { type: 'folder', id: '9', name: 'Plans', parent: { id: '0' }, sequence_id: '2' };
  const short = { item_type: 'folder', item_id: '9', item_name: 'Old', parent: null };
  const known = { item_type: 'folder', item_id: '10', item_name: 'New', parent: { id: '9' } };
  const events = [source, short, known].map((told) => ({ type: 'event', source: told })) as Page['events'];
  await store.apply('me', { events, streamPosition: '1' });
  expect(await database.query('SELECT id, name, parent_id, events FROM items ORDER BY name')).toEqual([
    { id: '10', name: 'New', parent_id: '9', events: 1 },
    { id: '9', name: 'Plans', parent_id: '0', events: 2 },
  ]);
});

test('without any settings it mirrors a simulated Box, until it is stopped', async () => {
  const app = spawn(process.execPath, [path], { cwd: folder, env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of app.stdout.setEncoding('utf8')) {
    said += chunk;
    if (/^\d+ new,/m.test(said)) app.kill('SIGTERM');
  }
  if (app.exitCode === null) await once(app, 'exit');
  expect(app.exitCode).toBe(0);
  const simulated = await openDatabase(join(folder, 'simulated.db'));
  expect(await simulated.query('SELECT * FROM positions')).toHaveLength(1);
  await simulated.close();
}, 30_000);

test.each([{ MIRROR_DATABASE: 'mirror.db' }, { BOX_API_URL: 'https://api.box.com/2.0' }])(
  '%j without a token is refused: nothing made up gets into a real mirror',
  async (environment) => {
    await expect(connect(environment)).rejects.toThrow('BOX_TOKEN');
  },
);
