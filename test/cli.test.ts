import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from './support/cli.ts';

const token = { BOX_TOKEN: 'a-token-that-nobody-knows' };

describe('the command line', () => {
  test('without a command shows the help and says that it is no use, with 2', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Usage: box-events/);
  });

  test('shows its help, and that of each command, on 80 columns', async () => {
    const helps = await Promise.all(
      [['--help'], ['watch', '--help'], ['servers', '--help']].map((args) => runCli(args)),
    );
    for (const { exitCode, stdout, stderr } of helps) {
      expect(exitCode).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toContain('Examples:');
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    const [main, watch] = helps;
    for (const word of ['BOX_TOKEN', 'BOX_API_URL', 'Exit codes', 'watch', 'servers'])
      expect(main?.stdout).toContain(word);
    for (const word of ['--position-file', '"type":"position"', '| jq'])
      expect(watch?.stdout).toContain(word);
  });

  test('says the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.concurrent.each<[string, string[], Record<string, string>, RegExp]>([
    ['an unknown command', ['wach'], {}, /unknown command 'wach' \(Did you mean watch\?\)/],
    ['an unknown option', ['watch', '--form', '0'], {}, /unknown option '--form' \(Did you mean --from\?\)/],
    ['a word too many', ['watch', 'now'], {}, /too many arguments/],
    ['an option without its value', ['watch', '--from'], {}, /'--from <position>' argument missing/],
    ['a position that is none', ['watch', '--from', '12e3'], {}, /must be now, 0 or a position/],
    ['an unknown stream type', ['watch', '--stream-type', 'some'], {}, /must be all, changes or sync/],
    [
      "the enterprise's stream",
      ['watch', '--stream-type', 'admin_logs'],
      {},
      /enterprise's: Box does not announce/,
    ],
    [
      "the enterprise's other stream",
      ['servers', '--stream-type', 'admin_logs_streaming'],
      {},
      /enterprise's/,
    ],
    ['a user that is no id', ['watch', '--user', 'a b'], token, /must be the id of a Box user/],
    ['an argument with escapes', ['watch', '\x1b[31mred\n'], {}, /too many arguments.* \ufffd\[31mred/],
    ['a user of the simulated Box', ['watch', '--user', '1'], {}, /--user needs BOX_TOKEN/],
    [
      'a position file for the simulated Box',
      ['watch', '--position-file', 'x'],
      {},
      /--position-file needs BOX_TOKEN/,
    ],
    ['an empty token', ['watch'], { BOX_TOKEN: '' }, /BOX_TOKEN is empty/],
    ['a token with a line break', ['watch'], { BOX_TOKEN: 'se\ncret' }, /BOX_TOKEN is no access token/],
    ['a URL without a token', ['watch'], { BOX_API_URL: 'http://127.0.0.1:1' }, /BOX_TOKEN is not/],
    [
      'a URL that is none',
      ['watch'],
      { ...token, BOX_API_URL: 'box' },
      /BOX_API_URL must be an http\(s\) URL/,
    ],
    [
      'a URL with a password',
      ['servers'],
      { ...token, BOX_API_URL: 'http://u:hidden@127.0.0.1' },
      /BOX_API_URL must/,
    ],
  ])('refuses %s with 2 and one line', async (_, args, env, line) => {
    const { exitCode, stdout, stderr } = await runCli(args, env);
    expect(stderr).toMatch(/^box-events: [^\x00-\x1f\x7f]+\n$/);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/hidden|cret/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});
