import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../examples/mirror/database.ts';
import { openDatabase } from '../examples/mirror/postgres.ts';
import { createStore } from '../examples/mirror/store.ts';
import { killAgain } from './support/kill-again.ts';
import { countEffects, differencesFrom, noDifferences } from './support/mirror-state.ts';
import { liveUntilCaughtUp } from './support/mortal.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { createWorkingBox } from './support/working-box.ts';

const times = Math.ceil(Number(process.env.KILLS ?? 40) / 4);
// Inside the package, where its name and that of `pg` resolve as they do for a user.
const folder = fileURLToPath(new URL('../dist/mirror-postgres', import.meta.url));
let postgres: Postgres;
let database: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await openDatabase(postgres.url);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(fileURLToPath(new URL('../examples/mirror', import.meta.url)), folder, { recursive: true });
  const main = await readFile(`${folder}/main.ts`, 'utf8');
  await writeFile(`${folder}/main.ts`, main.replace("'./sqlite.ts'", "'./postgres.ts'"));
}, 60_000);
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

test(`with one import changed it mirrors into Postgres, and ${times} kills do it no harm`, async () => {
  const seed = Date.now();
  const working = await createWorkingBox(seed);
  await createStore(database);
  for (const sql of countEffects.postgres) await database.query(sql);
  const program = {
    ...{ box: working.box, path: `${folder}/main.ts` },
    ...{ database: postgres.url, probe: 'probe-postgres.ts', patience: 1_000 },
  };
  const places = await killAgain(program, working, { times, seed });
  console.log(places, working.truth.eventIds.length);
  await liveUntilCaughtUp(program);
  expect(await differencesFrom(working.truth, database)).toEqual(noDifferences);
  await working.box.stop();
}, 200_000);
