import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventOutput } from '../src/cli/event-output.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { appOf, type Cli, runCli, startCli } from './support/cli.ts';
import { FakeTerminal } from './support/cli-terminal.ts';

let box: Simulator;
let folder: string;
const running: Cli[] = [];

beforeEach(async () => {
  box = await createSimulator({ users: 3 });
  folder = await mkdtemp(join(tmpdir(), 'box-events-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli[Symbol.asyncDispose]()));
  await box.stop();
  await rm(folder, { recursive: true });
});

const idOf = (index: number) => box.users[index]?.id ?? '';
const everybody = () => box.users.map(({ id }) => id).join();
const environment = () => ({ BOX_API_URL: box.apiUrl, BOX_TOKEN: box.serviceToken });
const watch = (...args: string[]) => {
  const cli = startCli(['watch', ...args], environment());
  running.push(cli);
  return cli;
};
const publish = (index: number) => {
  const userId = idOf(index);
  return { type: 'event', userId, event: box.publish({}, { userId }) };
};
const positionLine = (index: number) => ({
  type: 'position',
  userId: idOf(index),
  streamPosition: box.positionOf(idOf(index)),
});
const held = (count: number) => box.until(() => box.heldPolls === count);
const file = (name: string) => join(folder, name);

describe('events of many users on a pipe', () => {
  test('say whose they are, next to the event as Box sent it, and so do positions', async () => {
    const cli = watch('--users', everybody());
    await held(3);
    const starts = [0, 1, 2].map(positionLine);
    await cli.until(() => cli.lines.length === 3);
    expect(cli.lines).toEqual(starts);
    const event = publish(1);
    await cli.until(() => cli.lines.length === 5);
    expect(cli.lines.slice(3)).toEqual([event, positionLine(1)]);
  });

  test('are those of the users in a file, with comments and empty lines, each once', async () => {
    const content = `\ufeff# those who matter\r\n${idOf(2)} # the boss\r\n\r\n  ${idOf(0)}\n${idOf(2)}`;
    await writeFile(file('users.txt'), content);
    const events = [publish(2), publish(0), publish(1)];
    const cli = watch('--users', file('users.txt'), '--from', '0', '--stream-type', 'all');
    await held(2);
    await cli.until(() => cli.lines.length === 4);
    expect(cli.lines.filter(({ type }) => type === 'event')).toEqual(events.slice(0, 2));
    expect(cli.stderr).toContain(` Following 2 users of ${box.apiUrl} from 0.`);
  });

  test('come from where the position file says, which a person can read, and go on after a stop', async () => {
    const first = [publish(0), publish(1)];
    const args = ['--users', everybody(), '--position-file', file('p.json'), '--from', '0'];
    const one = watch(...args);
    await held(3);
    await one.until(() => one.lines.length === 5);
    one.kill('SIGTERM');
    expect(await one.exitCode).toBe(0);
    expect(one.lines.filter(({ type }) => type === 'event')).toEqual(first);
    expect(JSON.parse(await readFile(file('p.json'), 'utf8'))).toEqual({
      [idOf(0)]: box.positionOf(idOf(0)),
      [idOf(1)]: box.positionOf(idOf(1)),
      [idOf(2)]: box.positionOf(idOf(2)),
    });
    expect(one.stderr).toContain(
      ` Go on with: box-events watch --position-file ${file('p.json')} --from 0 --users ${everybody()}\n`,
    );

    const second = [publish(2), publish(0)];
    const two = watch(...args);
    await held(3);
    await two.until(() => two.lines.length === 4);
    expect(two.lines.filter(({ type }) => type === 'event').map(({ event }) => event)).toEqual(
      expect.arrayContaining(second.map(({ event }) => event)),
    );
  });

  test('end quietly when nobody reads them any more, and the position does not move past what was lost', async () => {
    const cli = watch('--users', everybody(), '--position-file', file('p.json'));
    await held(3);
    await cli.until(() => cli.lines.length === 3);
    const before = positionLine(0).streamPosition;
    cli.closePipe();
    publish(0);
    expect(await cli.exitCode).toBe(0);
    expect(JSON.parse(await readFile(file('p.json'), 'utf8'))[idOf(0)]).toBe(before);
    expect(cli.stderr).not.toContain('box-events:');
  });
});

describe('events of many users on a terminal', () => {
  test('begin with the id of the user, in lines no wider than it', async () => {
    const terminal = new FakeTerminal({ columns: 60 });
    const output = createEventOutput(terminal, { ofUsers: true });
    const source = { type: 'file', name: 'x'.repeat(99) };
    for (const userId of ['17738362001', '12']) {
      const created_at = new Date().toISOString();
      const events = [{ type: 'event', event_type: 'ITEM_UPLOAD', created_at, source }];
      await output.writePage({ userId, events, streamPosition: '5' });
    }
    const [one = '', two = ''] = terminal.screen;
    expect(one).toMatch(/^17738362001 {2}\d\d:\d\d:\d\d {2}ITEM_UPLOAD .*…$/);
    expect(two).toMatch(/^12 {11}\d\d:\d\d:\d\d {2}ITEM_UPLOAD .*…$/);
    expect([one.length, two.length]).toEqual([60, 60]);
  });
});

describe('a user who fails', () => {
  test('is told on stderr, and the others go on; the end says how many there were', async () => {
    box.setFault({ what: 'status', status: 403, userId: idOf(1) });
    const cli = watch('--users', everybody());
    await held(2);
    publish(2);
    await cli.until(() => cli.lines.some(({ type, userId }) => type === 'event' && userId === idOf(2)));
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
    expect(cli.stderr).toMatch(new RegExp(` user ${idOf(1)}: OPTIONS /events was answered with 403`));
    expect(cli.stderr).toMatch(/ Stopped, after 1 of 3 users had failed\. With --position-file/);
  });

  test('and is the last one ends it with 1', async () => {
    box.setFault({ what: 'status', status: 403 });
    const cli = watch('--users', everybody());
    expect(await cli.exitCode).toBe(1);
    expect(cli.stderr).toMatch(/\nbox-events: All 3 users failed; the last one said: .* 403/);
  });

  test('because the token is refused ends it at once, for it is the same for all', async () => {
    const cli = startCli(['watch', '--users', everybody()], { ...environment(), BOX_TOKEN: 'wrong-one' });
    running.push(cli);
    expect(await cli.exitCode).toBe(1);
    expect(cli.stderr).toMatch(
      /\nbox-events: OPTIONS \/events was answered with 401.*Set BOX_TOKEN to a fresh/,
    );
    expect(box.report.requests.servers).toBe(1);
  });

  test('because no token can be had ends it at once, too', async () => {
    const app = { ...appOf(box, 'enterprise'), BOX_CLIENT_SECRET: 'wrong-one' };
    const cli = startCli(['watch', '--users', everybody()], app);
    running.push(cli);
    expect(await cli.exitCode).toBe(1);
    expect(cli.stderr).toMatch(/\nbox-events: POST \/oauth2\/token was answered with 400 \(invalid_client/);
    expect(box.report.requests.token).toBe(1);
  });

  test('for a while is told as a retry', async () => {
    box.setFault({ what: 'status', status: 503, on: 'servers', userId: idOf(0), nth: 1 });
    const cli = watch('--users', everybody());
    await held(3);
    cli.kill('SIGINT');
    await cli.exitCode;
    expect(cli.stderr).toMatch(
      new RegExp(` user ${idOf(0)} retries in [01]\\.\\d s: OPTIONS /events .* 503`),
    );
  });
});

describe('what cannot be meant', () => {
  const refused = async (args: string[], env = environment()) => {
    const { exitCode, stdout, stderr } = await runCli(['watch', ...args], env);
    expect(stdout).toBe('');
    expect(box.requests).toEqual([]);
    expect(stderr).toMatch(/^box-events: [^\n]*\n$/);
    return { exitCode, stderr };
  };

  test('--users with --user is refused with 2', async () => {
    const { exitCode, stderr } = await refused(['--users', '1,2', '--user', '1']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
  });

  test('--users without a token is refused with 2', async () => {
    const { exitCode, stderr } = await refused(['--users', '1,2'], {} as never);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('A user of yours needs BOX_TOKEN')]);
  });

  test('what is neither ids nor a file is refused with 2', async () => {
    const { exitCode, stderr } = await refused(['--users', '123,me']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('there is no such file. Give ids such as'),
    ]);
  });

  test.each([
    ['names nobody', '# nobody\n\n', /the file names nobody/],
    ['has a name in it', '123\nada@example.com\n', /line 2 is no id of a Box user: ada@example\.com/],
  ])('a file that %s is refused with 1', async (_, content, line) => {
    await writeFile(file('users.txt'), content);
    const { exitCode, stderr } = await refused(['--users', file('users.txt')]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(line)]);
  });

  test('a directory is refused with 1', async () => {
    const { exitCode, stderr } = await refused(['--users', folder]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('it is a directory')]);
  });

  test('the position file of one stream is refused with 1, and left as it is', async () => {
    await writeFile(file('p'), '1152922976252290886\n');
    const { exitCode, stderr } = await refused(['--users', '1,2', '--position-file', file('p')]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('are damaged: it holds one number')]);
    expect(await readFile(file('p'), 'utf8')).toBe('1152922976252290886\n');
  });

  test('a position file that another process uses is refused with 1', async () => {
    const cli = watch('--users', idOf(0), '--position-file', file('p'));
    await held(1);
    const { exitCode, stderr } = await runCli(
      ['watch', '--users', idOf(1), '--position-file', file('p')],
      environment(),
    );
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('are in use: another process')]);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
  });
});
