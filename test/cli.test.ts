import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from './support/cli.ts';

const token = { BOX_TOKEN: 'a-token-that-nobody-knows' };
const app = { BOX_CLIENT_ID: 'the-client', BOX_CLIENT_SECRET: 'hidden-secret' };

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
    const variables = ['BOX_TOKEN', ...Object.keys(app), 'BOX_USER_ID', 'BOX_ENTERPRISE_ID', 'BOX_API_URL'];
    for (const word of [...variables, 'Exit codes', 'watch', 'servers']) expect(main?.stdout).toContain(word);
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
    ['a user of the simulated Box', ['watch', '--user', '1'], {}, /A user of yours needs BOX_TOKEN/],
    [
      'a position file for the simulated Box',
      ['watch', '--position-file', 'x'],
      {},
      /--position-file needs BOX_TOKEN/,
    ],
    ['an empty token', ['watch'], { BOX_TOKEN: '' }, /BOX_TOKEN is empty/],
    ['a token with a line break', ['watch'], { BOX_TOKEN: 'hid\nden' }, /BOX_TOKEN is no access token/],
    ['an empty secret', ['watch'], { ...app, BOX_CLIENT_SECRET: '' }, /BOX_CLIENT_SECRET is empty/],
    ['an empty user', ['watch'], { ...token, BOX_USER_ID: '' }, /BOX_USER_ID is empty/],
    [
      'a secret with a line break',
      ['watch'],
      { ...app, BOX_CLIENT_SECRET: 'hidden\n', BOX_USER_ID: '1' },
      /BOX_CLIENT_SECRET is no client secret: it has a space, a line break/,
    ],
    ['a user that is no id', ['watch'], { ...app, BOX_USER_ID: 'a&b' }, /BOX_USER_ID is no id/],
    [
      'a client without its secret',
      ['servers'],
      { BOX_CLIENT_ID: 'x', BOX_USER_ID: '1' },
      /BOX_CLIENT_ID is set, but BOX_CLIENT_SECRET is not\./,
    ],
    [
      'an enterprise alone',
      ['inspect'],
      { BOX_ENTERPRISE_ID: '1' },
      /BOX_ENTERPRISE_ID is set, but BOX_CLIENT_ID and BOX_CLIENT_SECRET are not\./,
    ],
    ['a client that acts for nobody', ['watch'], app, /BOX_USER_ID or BOX_ENTERPRISE_ID.* neither is set/],
    [
      'a client that acts for both',
      ['watch'],
      { ...app, BOX_USER_ID: '1', BOX_ENTERPRISE_ID: '2' },
      /BOX_USER_ID or BOX_ENTERPRISE_ID.* both are set/,
    ],
    ['a token and a client', ['watch'], { ...token, ...app }, /BOX_TOKEN is set, and so is BOX_CLIENT_ID/],
    [
      'a token and a user',
      ['watch'],
      { ...token, BOX_USER_ID: '1' },
      /BOX_TOKEN is set, and so is BOX_USER_ID/,
    ],
    [
      'a secret in clear',
      ['watch'],
      { ...app, BOX_USER_ID: '1', BOX_API_URL: 'http://api.box.com/2.0' },
      /BOX_API_URL must be https, or http on this machine/,
    ],
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
    [
      'a URL with a fragment',
      ['servers'],
      { ...token, BOX_API_URL: 'http://127.0.0.1:1/#top' },
      /BOX_API_URL must .* a fragment/,
    ],
  ])('refuses %s with 2 and one line', async (_, args, env, line) => {
    const { exitCode, stdout, stderr } = await runCli(args, env);
    expect(stderr).toMatch(/^box-events: [^\x00-\x1f\x7f]+\n$/);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/hid\s?den/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});
