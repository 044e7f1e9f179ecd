import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../examples/mirror/database.ts';
import { readPages } from '../examples/mirror/lines.ts';
import { openDatabase } from '../examples/mirror/sqlite.ts';
import type { Page } from '../examples/mirror/store.ts';
import { createRandom } from '../src/simulator/random.ts';
import { environmentOf } from './support/cli.ts';
import { killAgain } from './support/kill-again.ts';
import { countEffects, differencesFrom, noDifferences } from './support/mirror-state.ts';
import { liveUntilCaughtUp } from './support/mortal.ts';
import { createWorkingBox, type WorkingBox } from './support/working-box.ts';

const times = Math.ceil(Number(process.env.KILLS ?? 30) / 4);
const seed = Date.now();
const path = fileURLToPath(new URL('../examples/mirror/consumer.ts', import.meta.url));
let folder: string;
let file: string;
let database: Database;
let working: WorkingBox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-events-consumer-'));
});
beforeEach(async (context) => {
  working = await createWorkingBox(seed);
  file = join(folder, `${context.task.id}.db`);
  database = await openDatabase(file);
  await countEffects(database, 'sqlite');
});
afterEach(async () => {
  await database.close();
  await working.box.stop();
});
afterAll(() => rm(folder, { recursive: true }));

const pidsIn = (said: string) => [...said.matchAll(/watch is process (\d+)/g)].map(([, pid]) => Number(pid));

const program = () => ({
  ...{ box: working.box, path, database: file, probe: 'probe-sqlite.ts' },
  childrenOf: pidsIn,
});

const startConsumer = (env: object = {}) => {
  const settings = { ...environmentOf(working.box), NO_PROXY: '*', MIRROR_DATABASE: file, ...env };
  const child = spawn(process.execPath, [path], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, stderr: text(child.stderr), exit: once(child, 'exit') };
};

const isCaughtUp = () => {
  const { box } = working;
  return box.requests.at(-1)?.url.endsWith(`&stream_position=${box.positionOf()}`) ?? false;
};

test(`the consumer of box-events watch is killed ${times} times, and has what there is`, async () => {
  const places = await killAgain(program(), working, { times, seed });
  if (process.env.KILLS) console.log(places);
  expect(places.get('in a transaction')).toBeGreaterThan(0);
  await liveUntilCaughtUp(program());
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
}, 300_000);

test('where box-events watch is killed, the consumer starts it again from its own position', async () => {
  const random = createRandom(seed);
  const { child, exit, stderr } = startConsumer();
  let kills = 0;
  working.box.setFault({ what: 'shortPage', count: 20 });
  for await (const line of createInterface({ input: child.stdout })) {
    const [pid] = pidsIn(line);
    if (pid === undefined) continue;
    working.work(200);
    if (kills === 4) break;
    setTimeout(() => process.kill(pid, 'SIGKILL'), random.integer(150, 400));
    kills += 1;
  }
  child.stdout.resume();
  await Promise.race([working.box.until(isCaughtUp), exit]);
  child.kill('SIGTERM');
  expect([await exit, await stderr]).toEqual([[0, null], expect.stringContaining('Stopped at')]);
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
}, 30_000);

test('where the consumer is killed, box-events watch ends at the next event', async () => {
  const { child, exit, stderr } = startConsumer();
  await working.box.until(() => working.box.heldPolls === 1);
  child.kill('SIGKILL');
  await exit;
  working.work(1);
  // It says on the same stderr what it does, which has an end when both are gone.
  expect(await stderr).toContain('Following');
}, 30_000);

test('a failure that will not pass ends both, and says why', async () => {
  const { exit, stderr } = startConsumer({ BOX_TOKEN: 'wrong' });
  expect(await exit).toEqual([1, null]);
  expect(await stderr).toMatch(/401[\s\S]*box-events watch ended with 1/);
}, 30_000);

test('without a token there is nothing to consume', async () => {
  const { exit, stderr } = startConsumer({ BOX_TOKEN: '' });
  expect(await exit).toEqual([1, null]);
  expect(await stderr).toContain('BOX_TOKEN is not set');
}, 30_000);

test('a page without its position, or with a line that broke off, does not come', async () => {
  const position = '{"type":"position","streamPosition":"7"}';
  const event = '{"type":"event","event_id":"1"}';
  expect(await read([event, position, event])).toEqual([
    { events: [{ type: 'event', event_id: '1' }], streamPosition: '7' },
  ]);
  expect(await read([position, event, event.slice(0, 20)])).toEqual([{ events: [], streamPosition: '7' }]);
  for (const broken of [position.slice(0, -3), 'null', '{"type":"position"}']) {
    expect(await read([event, broken, position])).toEqual([]);
  }
});

async function read(lines: readonly string[]): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of readPages(Readable.from(lines))) pages.push(page);
  return pages;
}
