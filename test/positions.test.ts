import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { filePositions, type OpenPositions, sqlitePositions } from '../src/positions/index.ts';
import { isBusy } from '../src/positions/process-lock.ts';

const script = fileURLToPath(new URL('support/positions-process.ts', import.meta.url));
const position = '1152922976252290886';
let folder: string;
let path: string;
const opened: OpenPositions[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-events-'));
  path = join(folder, 'positions');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.splice(0).map((positions) => positions.close()));
  await rm(folder, { recursive: true });
});

const kinds = { file: filePositions, sqlite: sqlitePositions };
const open = (kind: keyof typeof kinds) => {
  const positions = kinds[kind](path);
  opened.push(positions);
  return positions;
};

/** Starts a process that keeps positions at the same path, and resolves with the first that it says. */
async function startProcess(kind: keyof typeof kinds, userId: string, count = 1) {
  const child = spawn(process.execPath, [script, kind, path, userId, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { said: String(said), child };
}

describe.each(['file', 'sqlite'] as const)('positions in a %s', (kind) => {
  test('are there for the next process, to the last digit, and nobody has one who saved none', async () => {
    const positions = open(kind);
    expect(await positions.load('1')).toBeUndefined();
    await positions.save('1', '7');
    await positions.save('1', position);
    expect(await positions.load('1')).toBe(position);
    await positions.close();
    const again = open(kind);
    expect([await again.load('1'), await again.load('2')]).toEqual([position, undefined]);
  });

  test('of many users are saved at once', async () => {
    const users = Array.from({ length: 500 }, (_, index) => String(17_738_362_001 + index));
    const positions = open(kind);
    await Promise.all(users.map((userId, index) => positions.save(userId, String(index))));
    await positions.close();
    const again = open(kind);
    expect(await Promise.all(users.map((userId) => again.load(userId)))).toEqual(
      users.map((_, index) => String(index)),
    );
  });

  test.each([['now'], ['1.15e18'], [''], [5 as never], [undefined as never]])(
    'are decimal strings: %j is refused, and what was there stays',
    async (wrong) => {
      const positions = open(kind);
      await positions.save('1', position);
      await expect(positions.save('1', wrong)).rejects.toThrow(/position of 1 must be a decimal string/);
      expect(await positions.load('1')).toBe(position);
    },
  );

  test('that were closed are refused', async () => {
    const positions = open(kind);
    await positions.save('1', position);
    await positions.close();
    await expect(positions.load('1')).rejects.toThrow(/were closed/);
    await expect(positions.save('1', '7')).rejects.toThrow(/were closed/);
  });

  test('that are being saved are waited for by close()', async () => {
    const positions = open(kind);
    const saving = positions.save('1', position);
    await positions.close();
    const again = await open(kind).load('1');
    await saving;
    expect(again).toBe(position);
  });

  test('outlast a process that is killed', async () => {
    const { said, child } = await startProcess(kind, '1', 20);
    expect(said).toBe('saved\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await open(kind).load('1')).toBe('20');
  });

  test('are refused with a reason where there is no folder for them, until there is one', async () => {
    path = join(folder, 'later', 'positions');
    const positions = open(kind);
    await expect(positions.load('1')).rejects.toThrow(/later.*(folder does not exist|unable to open)/);
    await mkdir(join(folder, 'later'));
    expect(await positions.load('1')).toBeUndefined();
  });

  test('of users of any name are kept apart', async () => {
    const names = ['__proto__', 'me', "Robert'); DROP TABLE", ' ', 'ä\n'];
    const positions = open(kind);
    for (const [index, name] of names.entries()) await positions.save(name, String(index));
    await positions.close();
    const again = open(kind);
    expect(await Promise.all(names.map((name) => again.load(name)))).toEqual(['0', '1', '2', '3', '4']);
  });
});

describe('a file of positions', () => {
  test('is JSON that a person can read and write', async () => {
    await writeFile(path, '{ "1": "7" }');
    const positions = open('file');
    expect(await positions.load('1')).toBe('7');
    await positions.save('17738362001', position);
    expect(await readFile(path, 'utf8')).toBe(`{\n  "1": "7",\n  "17738362001": "${position}"\n}\n`);
  });

  test('may begin with a mark of its byte order, as some editors leave there', async () => {
    await writeFile(path, '\ufeff{ "1": "7" }');
    expect(await open('file').load('1')).toBe('7');
  });

  test('is whole at every moment, while it is replaced', async () => {
    const positions = open('file');
    await positions.save('1', '0');
    let isSaving = true;
    const saving = (async () => {
      for (let count = 1; count <= 50; count++) await positions.save('1', String(count));
      isSaving = false;
    })();
    let seen = 0;
    while (isSaving) {
      const { 1: kept } = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
      expect(Number(kept)).toBeGreaterThanOrEqual(seen);
      seen = Number(kept);
    }
    await saving;
    expect(await readdir(folder)).toEqual(['positions', 'positions.lock']);
  });

  test('that cannot be written once is written the next time', async () => {
    const positions = open('file');
    await positions.save('1', '7');
    await mkdir(`${path}.tmp`);
    await expect(positions.save('1', '8')).rejects.toThrow(/Cannot write the positions/);
    await rm(`${path}.tmp`, { recursive: true });
    await positions.save('1', '9');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ 1: '9' });
  });

  test.each(['to a file', 'to where none is yet'])('stays a link %s where it is one', async (where) => {
    await mkdir(join(folder, 'volume'));
    if (where === 'to a file') await writeFile(join(folder, 'volume', 'elsewhere'), '{}');
    await symlink('volume/elsewhere', path);
    await open('file').save('1', position);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'volume', 'elsewhere'), 'utf8')).toContain(position);
  });

  test.each([
    ['is empty', '', /the file is empty/],
    ['was cut', '{ "1": "7', /it is no JSON/],
    ['is the position of one stream', '1152922976252290886\n', /it holds one number/],
    ['is a list', '["7"]', /it is no JSON object/],
    ['is null', 'null', /it is no JSON object/],
    [
      'has a number, which has lost digits',
      '{ "1": 1152922976252290886 }',
      /that of "1" is no decimal number/,
    ],
    ['has no position', '{ "1": "7", "2": "now" }', /that of "2" is no decimal number/],
  ])('that %s is refused with what to do, and left as it is', async (_, content, reason) => {
    await writeFile(path, content);
    const positions = open('file');
    await expect(positions.load('1')).rejects.toThrow(reason);
    await expect(positions.save('1', '8')).rejects.toThrow(/Mend the file, or remove it to begin anew/);
    expect(await readFile(path, 'utf8')).toBe(content);
    await writeFile(path, '{}');
    expect(await positions.load('1')).toBeUndefined();
  });

  test('that is a directory is refused', async () => {
    await mkdir(path);
    await expect(open('file').load('1')).rejects.toThrow(/it is a directory/);
  });

  test('is refused to a second user in the same process, until the first one closes it', async () => {
    const first = open('file');
    await first.save('1', position);
    const second = open('file');
    await expect(second.save('2', '7')).rejects.toThrow(/are in use: another process/);
    await first.close();
    await second.save('2', '7');
    expect(await second.load('1')).toBe(position);
  });

  test('is refused to a second process, which has it at once when the first one is killed', async () => {
    const first = await startProcess('file', '1');
    expect((await startProcess('file', '2')).said).toMatch(/are in use: another process/);
    await expect(open('file').load('1')).rejects.toThrow(/are in use: another process/);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    expect(await open('file').load('1')).toBe('1');
  });
});

test('what SQLite says of a lock in more detail says the same', () => {
  // SQLITE_BUSY_RECOVERY; SQLITE_IOERR.
  expect([261, 10].map((errcode) => isBusy(Object.assign(new Error(), { errcode })))).toEqual([true, false]);
});

describe('a database of positions', () => {
  test('is used by several processes at once', async () => {
    const [one, two] = await Promise.all([
      startProcess('sqlite', '1', 300),
      startProcess('sqlite', '2', 300),
    ]);
    expect([one.said, two.said]).toEqual(['saved\n', 'saved\n']);
    const positions = open('sqlite');
    expect([await positions.load('1'), await positions.load('2')]).toEqual(['300', '300']);
  });

  test('may be one that holds other things', async () => {
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE mine (id)');
    await open('sqlite').save('1', position);
    expect(database.prepare('SELECT stream_position FROM box_positions').get()).toEqual({
      stream_position: position,
    });
    database.close();
  });

  test('that somebody else writes to, be it this process, is waited for without holding up the rest', async () => {
    const positions = open('sqlite');
    await positions.load('1');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE mine (id); BEGIN IMMEDIATE');
    const saving = Promise.all(['1', '2', '3'].map((userId) => positions.save(userId, position)));
    setImmediate(() => database.exec('COMMIT'));
    await saving;
    expect(await positions.load('3')).toBe(position);
    database.close();
  });

  test('that somebody else writes to for five seconds refuses what is saved meanwhile', async () => {
    const positions = open('sqlite');
    await positions.load('1');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE mine (id); BEGIN IMMEDIATE');
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const saving = expect(positions.save('1', position)).rejects.toThrow(/locked/);
    await vi.advanceTimersByTimeAsync(5_100);
    await saving;
    database.close();
  });

  test('that is none is refused, and left as it is', async () => {
    await writeFile(path, '{ "1": "7" }'.repeat(100));
    await expect(open('sqlite').load('1')).rejects.toThrow(/Cannot open the positions in .*not a database/);
    expect(await readFile(path, 'utf8')).toBe('{ "1": "7" }'.repeat(100));
  });
});
