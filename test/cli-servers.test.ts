import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { appOf, environmentOf, runCli } from './support/cli.ts';

describe('box-events servers', () => {
  let box: Simulator;
  beforeAll(async () => {
    box = await createSimulator({ realtimeServers: 3 });
  });
  afterAll(() => box.stop());

  test('prints what Box answers, field by field, but for the channels', async () => {
    const { exitCode, stdout, stderr } = await runCli(['servers'], environmentOf(box));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const answer = JSON.parse(stdout);
    expect(answer.chunk_size).toBe(3);
    expect(answer.entries).toHaveLength(3);
    expect(answer.entries[0]).toEqual({
      type: 'realtime_server',
      url: expect.stringMatching(/^http:.*\?channel=\(hidden\)&stream_type=all$/),
      ttl: '10',
      max_retries: '10',
      retry_timeout: 610,
    });
    expect(stdout).toMatch(/^\{\n {2}"/);
  });

  test('hides a channel however Box writes the URL down', async () => {
    const url = 'http:\\/\\/realtime.example\\/subscribe?stream_type=all\\u0026channel=the-key';
    const body = `{"entries":[{"type":"realtime_server","url":"${url}"}],"new":"\\u001b"}`;
    box.intercept = () => ({ status: 200, body });
    const { stdout } = await runCli(['servers'], environmentOf(box));
    box.intercept = undefined;
    expect(stdout).not.toContain('the-key');
    expect(JSON.parse(stdout)).toEqual({
      entries: [
        {
          type: 'realtime_server',
          url: 'http://realtime.example/subscribe?stream_type=all&channel=(hidden)',
        },
      ],
      new: '\x1b',
    });
  });

  test('shows the channels when it is asked to', async () => {
    const { stdout } = await runCli(
      ['servers', '--show-channel', '--stream-type', 'changes'],
      environmentOf(box),
    );
    expect(stdout).toMatch(/channel=\w{8,}&stream_type=changes/);
    expect(stdout).not.toContain('hidden');
  });

  test('acts for another user', async () => {
    const [user] = box.users;
    const env = { ...environmentOf(box), BOX_TOKEN: box.serviceToken };
    const { exitCode } = await runCli(['servers', '--user', user?.id ?? ''], env);
    expect(exitCode).toBe(0);
    expect(box.requests.at(-1)).toMatchObject({ kind: 'servers', userId: user?.id });
  });

  test('gets a token by itself for an app with client credentials', async () => {
    const { exitCode, stdout } = await runCli(['servers'], appOf(box, 'enterprise'));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).entries).toHaveLength(3);
  });

  test('asks the simulated Box when there is no token, and says so on stderr', async () => {
    const { exitCode, stdout, stderr } = await runCli(['servers']);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^Those of a simulated Box, .*BOX_TOKEN.*\n$/);
    expect(JSON.parse(stdout).entries[0].url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  test('says in one line what is wrong with the token', async () => {
    const { exitCode, stdout, stderr } = await runCli(['servers'], {
      ...environmentOf(box),
      BOX_TOKEN: 'wrong-one',
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /^box-events: OPTIONS \/events was answered with 401\..* Set BOX_TOKEN to a fresh access token, or have BOX_CLIENT_ID get one\.\n$/,
    );
  });
});
