import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../examples/mirror/sqlite.ts';
import { createStore } from '../examples/mirror/store.ts';
import { killAgain } from './support/kill-again.ts';
import { countEffects, differencesFrom, noDifferences } from './support/mirror-state.ts';
import { liveUntilCaughtUp } from './support/mortal.ts';
import { createWorkingBox } from './support/working-box.ts';

const times = Math.ceil(Number(process.env.KILLS ?? 40) / 4);
const path = fileURLToPath(new URL('../examples/mirror/consumer.ts', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-events-consumer-'));
});
afterAll(() => rm(folder, { recursive: true }));

test(`the consumer of box-events watch is killed ${times} times, and has what there is`, async () => {
  const seed = Date.now();
  const working = await createWorkingBox(seed);
  const file = join(folder, 'killed.db');
  const database = await openDatabase(file);
  await createStore(database);
  for (const sql of countEffects.sqlite) await database.query(sql);
  const program = {
    ...{ box: working.box, path, database: file, probe: 'probe-sqlite.ts', patience: 2_000 },
    childrenOf: (stdout: string) => [...stdout.matchAll(/is process (\d+)/g)].map(([, pid]) => Number(pid)),
  };

  const places = await killAgain(program, working, { times, seed });
  console.log(places, working.truth.eventIds.length);
  await liveUntilCaughtUp(program);
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
  await database.close();
  await working.box.stop();
}, 200_000);
