import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { appOf, type Cli, environmentOf, runCli, startCli, startShell } from './support/cli.ts';

let box: Simulator;
let folder: string;
const running: Cli[] = [];

beforeEach(async () => {
  box = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), 'box-events-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli[Symbol.asyncDispose]()));
  await box.stop();
  await rm(folder, { recursive: true });
});

const watch = (...args: string[]) => {
  const cli = startCli(['watch', ...args], environmentOf(box));
  running.push(cli);
  return cli;
};
const publish = (name: string) => box.publish({ source: { type: 'file', id: '1', name } });
const position = () => box.positionOf();
const positionLine = () => ({ type: 'position', streamPosition: position() });
const requestsOf = (kind: string) => box.requests.filter((request) => request.kind === kind).length;

describe('events on a pipe', () => {
  test('start with the position of now, and are followed by the position after them', async () => {
    const start = positionLine();
    const cli = watch();
    await cli.until(() => cli.lines.length === 1);
    const event = publish('one.txt');
    await cli.until(() => cli.lines.length === 3);
    expect(cli.lines).toEqual([start, event, positionLine()]);
  });

  test('come as Box sent them, with nothing in them that a terminal obeys', async () => {
    const name = '\x1b[31m \x7f \x9b31m \u2028 \u202e "é" 見積書 \ud800 __proto__';
    const event = box.publish({
      event_type: 'NEW\x1b]0;x\x07',
      source: { ['__proto__']: 1, name },
      more: [1.5, null],
    });
    const cli = watch('--from', '0');
    await cli.until(() => cli.lines.length === 2);
    expect(cli.lines[0]).toEqual(event);
    expect(cli.stdout).toContain('é');
    expect(cli.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]/);
  });

  test('come however deep they are nested', async () => {
    const event = `{"type":"event","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const body = `{"next_stream_position":"77","entries":[${event}]}`;
    box.intercept = ({ url }) => (url.includes('stream_position=0&') ? { status: 200, body } : undefined);
    const cli = watch('--from', '0');
    await cli.until(() => cli.stdout.includes('"streamPosition":"77"'));
    expect(cli.stdout.startsWith(`${event}\n`)).toBe(true);
  });

  test('are those of another user where the token may', async () => {
    const event = publish('one.txt');
    const env = { ...environmentOf(box), BOX_TOKEN: box.serviceToken };
    const cli = startCli(['watch', '--from', '0', '--user', box.users[0]?.id ?? ''], env);
    running.push(cli);
    await cli.until(() => cli.lines.length === 2);
    expect(cli.lines[0]).toEqual(event);
  });

  test('come from a simulated Box when there is no token, which one line says', async () => {
    const cli = startCli(['watch']);
    running.push(cli);
    await cli.until(() => cli.lines.some(({ type }) => type === 'event'));
    expect(cli.stderr.split('\n')[0]).toMatch(/ Following a simulated Box\. Set BOX_TOKEN /);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
    expect(cli.stderr).toMatch(/ Stopped at \d+\. The simulated Box is gone\.\n$/);
  });
});

describe('an app with client credentials', () => {
  const watchAs = (env: Record<string, string>, ...args: string[]) => {
    const cli = startCli(['watch', '--from', '0', ...args], env);
    running.push(cli);
    return cli;
  };

  test('follows the user of BOX_USER_ID, and gets a further token when Box refuses the one that it has', async () => {
    const first = publish('one.txt');
    const cli = watchAs(appOf(box, 'user'));
    await cli.until(() => cli.lines.length === 2);
    box.setFault({ what: 'expireToken', on: 'events' });
    const second = publish('two.txt');
    await cli.until(() => cli.lines.length === 4);
    expect([cli.lines[0], cli.lines[2]]).toEqual([first, second]);
    expect(requestsOf('token')).toBe(2);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
  });

  test('acts for the user of --user with BOX_ENTERPRISE_ID', async () => {
    const event = publish('one.txt');
    const userId = box.users[0]?.id ?? '';
    const cli = watchAs(appOf(box, 'enterprise'), '--user', userId);
    await cli.until(() => cli.lines.length === 2);
    expect(cli.lines[0]).toEqual(event);
    expect(box.requests.find(({ kind }) => kind === 'events')?.headers['as-user']).toBe(userId);
  });

  test('keeps a position file', async () => {
    const cli = watchAs(appOf(box, 'user'), '--position-file', join(folder, 'box.position'));
    await box.until(() => box.heldPolls === 1);
    expect(await readFile(join(folder, 'box.position'), 'utf8')).toBe(`${position()}\n`);
    cli.kill('SIGTERM');
    expect(await cli.exitCode).toBe(0);
  });

  test('is told what is wrong with its secret, in one line and with the names of the variables', async () => {
    const env = { ...appOf(box, 'user'), BOX_CLIENT_SECRET: 'wrong-secret' };
    const { exitCode, stdout, stderr } = await runCli(['watch'], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /box-events: POST \/oauth2\/token .*invalid_client.* BOX_CLIENT_ID, BOX_CLIENT_SECRET, and BOX_USER_ID/,
    );
  });

  test('is stopped at once, though a token does not come', async () => {
    box.setFault({ what: 'silence', on: 'token' });
    const cli = watchAs(appOf(box, 'user'));
    await box.until(() => requestsOf('token') === 1);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
    await box.until(() => box.requests[0]?.aborted === true);
  });
});

describe('a reader', () => {
  beforeEach(() => {
    for (let count = 0; count < 1_200; count += 1) publish('x'.repeat(2_000));
  });

  test('that does not read has one page fetched ahead, and no more; a stop waits for the page in hand', async () => {
    const cli = watch('--from', '0');
    await cli.holdBack();
    cli.kill('SIGINT');
    await cli.until(() => cli.stderr.includes(' stopping'));
    expect(requestsOf('events')).toBe(2);
    cli.read();
    expect(await cli.exitCode).toBe(0);
    expect(cli.lines).toHaveLength(501);
    const { streamPosition } = cli.lines.at(-1) ?? {};
    expect(cli.stderr).toContain(` Go on with: box-events watch --from ${streamPosition}\n`);
  });

  test('that never reads again is left by a second signal, with 130', async () => {
    const cli = watch('--from', '0');
    await cli.holdBack();
    cli.kill('SIGTERM');
    await cli.until(() => cli.stderr.includes(' stopping'));
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(130);
  });

  test('that reads everything gets everything once', async () => {
    const cli = watch('--from', '0');
    await cli.until(() => cli.stdout.includes(`"streamPosition":"${position()}"`));
    const ids = cli.lines.map(({ event_id: id }) => id).filter((id) => id !== undefined);
    expect(ids).toEqual(box.eventsOf(box.users[0]?.id ?? '').map(({ event_id: id }) => id));
  });

  test('that ends, such as head, ends it quietly with 0', async () => {
    const cli = startShell(
      '(box_events watch --from 0; echo "ended with $?" >&2) | head -n 1',
      environmentOf(box),
    );
    running.push(cli);
    expect(await cli.exitCode).toBe(0);
    expect(cli.lines).toHaveLength(1);
    expect(cli.stderr).toContain('ended with 0\n');
    expect(cli.stderr).not.toContain('box-events:');
  });
});

describe('a position file', () => {
  const file = () => join(folder, 'box.position');

  test('is written after the events, and the next run goes on there', async () => {
    const first = publish('one.txt');
    const one = watch('--position-file', file(), '--from', '0');
    await one.until(() => one.lines.length === 2);
    one.kill('SIGTERM');
    expect(await one.exitCode).toBe(0);
    expect(await readFile(file(), 'utf8')).toBe(`${position()}\n`);
    expect(one.stderr).toContain(` Go on with: box-events watch --position-file ${file()}\n`);

    const second = publish('two.txt');
    const two = watch('--position-file', file(), '--from', '0');
    await two.until(() => two.lines.length === 2);
    expect([one.lines[0], two.lines[0]]).toEqual([first, second]);
    expect(two.stderr).toContain(`, as ${file()} says instead of --from 0.`);
    two.kill('SIGTERM');
    await two.exitCode;
    expect(await readdir(folder)).toEqual(['box.position', 'box.position.lock']);
  });

  test('that is not there yet leaves --from in the command to go on with', async () => {
    box.setFault({ what: 'status', status: 403 });
    const cli = watch('--position-file', file(), '--from', '0');
    expect(await cli.exitCode).toBe(1);
    expect(cli.stderr).toContain(` Go on with: box-events watch --position-file ${file()} --from 0\n`);
  });

  test('keeps the first position after now', async () => {
    const cli = watch('--position-file', file());
    await box.until(() => box.heldPolls === 1);
    expect(await readFile(file(), 'utf8')).toBe(`${position()}\n`);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
  });

  test.each(['to a file', 'to where none is yet'])('stays a link %s where it is one', async (where) => {
    const target = join(folder, 'elsewhere');
    if (where === 'to a file') await writeFile(target, '0\n');
    await symlink('elsewhere', file());
    const cli = watch('--position-file', file());
    await box.until(() => box.heldPolls === 1);
    expect(await readFile(target, 'utf8')).toBe(`${position()}\n`);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
    expect((await lstat(file())).isSymbolicLink()).toBe(true);
  });

  test('does not move past what a closed pipe took', async () => {
    const cli = watch('--position-file', file());
    await cli.until(() => cli.lines.length === 1);
    await box.until(() => box.heldPolls === 1);
    const before = await readFile(file(), 'utf8');
    cli.closePipe();
    publish('lost.txt');
    expect(await cli.exitCode).toBe(0);
    expect(await readFile(file(), 'utf8')).toBe(before);
    expect(cli.stderr).not.toContain('box-events:');
  });

  test.each([
    ['is empty', '', /is damaged/],
    ['holds now', 'now\n', /is damaged/],
    ['holds a number of JavaScript', '1.15e18', /is damaged/],
    ['holds two positions', '12\n13\n', /is damaged/],
    ['holds those of many users', '{\n  "17738362001": "12"\n}\n', /is for --users/],
    ['holds events', '{"type":"event"}\n'.repeat(10), /is damaged/],
  ])('that %s is refused with 1 before anything is asked', async (_, content, line) => {
    await writeFile(file(), content);
    await expectRefusal(file(), line);
    expect(await readFile(file(), 'utf8')).toBe(content);
  });

  test('that another process uses is refused with 1 before anything is asked, until that one ends, however it does', async () => {
    const cli = watch('--position-file', file());
    await box.until(() => box.heldPolls === 1);
    await expectRefusal(file(), /is in use: another process/);
    cli.kill('SIGKILL');
    await cli.exitCode;
    const next = watch('--position-file', file());
    await box.until(() => box.heldPolls === 1);
    next.kill('SIGINT');
    expect(await next.exitCode).toBe(0);
  });

  test('that is a directory is refused with 1', () => expectRefusal(folder, /it is a directory/));
  test('in a folder that is missing is refused with 1', () =>
    expectRefusal(join(folder, 'none', 'position'), /its folder does not exist/));

  async function expectRefusal(path: string, line: RegExp) {
    const requests = box.requests.length;
    const { exitCode, stdout, stderr } = await runCli(['watch', '--position-file', path], environmentOf(box));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^box-events: .*position file.*\n$/);
    expect(stderr).toMatch(line);
    expect(box.requests).toHaveLength(requests);
  }
});

describe('the log on stderr', () => {
  test('names the states but for the cycle of each change, each retry, and the end', async () => {
    let failures = 1;
    box.intercept = ({ kind }) => (kind === 'servers' && failures-- > 0 ? { status: 503 } : undefined);
    const cli = watch();
    await cli.until(() => cli.lines.length === 1);
    publish('one.txt');
    await cli.until(() => cli.lines.length === 3);
    await box.until(() => box.heldPolls === 1);
    cli.kill('SIGINT');
    expect(await cli.exitCode).toBe(0);
    const lines = cli.stderr.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /);
    expect(lines.map((line) => line.slice(25))).toEqual([
      `Following ${box.apiUrl} from now.`,
      'fetchingServers',
      expect.stringMatching(/^retry 1 in [01]\.\d s: OPTIONS \/events was answered with 503\.$/),
      'backingOff',
      'fetchingServers',
      'polling',
      'stopped',
      `Stopped at ${position()}. Go on with: box-events watch --from ${position()}`,
    ]);
  });
});

describe('a failure', () => {
  test('of the token is one line that says what to do, with 1', async () => {
    const { exitCode, stdout, stderr } = await runCli(['watch'], {
      ...environmentOf(box),
      BOX_TOKEN: 'wrong-one',
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    const errors = stderr.split('\n').filter((line) => line.startsWith('box-events: '));
    expect(errors).toEqual([expect.stringMatching(/ 401\. .*Set BOX_TOKEN to a fresh access token, or/)]);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test.each([['--from', '5'], []])(
    'before anything moved names no way to go on, with %j',
    async (...args) => {
      box.setFault({ what: 'status', status: 404 });
      const { stderr } = await runCli(['watch', ...args], environmentOf(box));
      expect(stderr).toMatch(
        /\nbox-events: .* 404\. Check apiUrl and userId\. Here they are BOX_API_URL and --user\.\n$/,
      );
    },
  );

  test('later on says how to go on after the events that are out', async () => {
    publish('one.txt');
    const cli = watch('--from', '0', '--stream-type', 'changes', '--json');
    await cli.until(() => cli.lines.length === 2);
    box.intercept = ({ kind }) => (kind === 'events' ? { status: 403 } : undefined);
    publish('two.txt');
    expect(await cli.exitCode).toBe(1);
    const { streamPosition } = cli.lines[1] ?? {};
    expect(cli.stderr).toMatch(/\nbox-events: GET \/events was answered with 403\..*\n$/);
    expect(cli.stderr).toContain(
      ` Go on with: box-events watch --from ${streamPosition} --stream-type changes --json\n`,
    );
  });
});
