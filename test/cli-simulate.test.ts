import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faults, scenarios } from '../src/simulator/index.ts';
import { runCli, startCli } from './support/cli.ts';

const urlIn = (stdout: string) => /at (http:\/\/127\.0\.0\.1:\d+)/.exec(stdout)?.[1] ?? '';

test('simulate runs a Box that box-events watch can follow as it says, and prints at its end what it saw', async () => {
  await using simulator = startCli(['simulate', '--rate', '0']);
  await simulator.until(() => simulator.stdout.includes('/simulator/publish'));
  const line = /BOX_TOKEN=(\S+) BOX_API_URL=(\S+) box-events watch/.exec(simulator.stdout);
  await using watch = startCli(['watch', '--from', '0'], {
    BOX_TOKEN: line?.[1] ?? '',
    BOX_API_URL: line?.[2] ?? '',
  });
  await fetch(`${urlIn(simulator.stdout)}/simulator/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"event":{"event_type":"ITEM_COPY"}}',
  });
  await watch.until(() => watch.lines.some(({ event_type }) => event_type === 'ITEM_COPY'));
  watch.kill('SIGTERM');
  await watch.exitCode;
  simulator.kill('SIGINT');
  expect(await simulator.exitCode).toBe(0);
  expect(simulator.stdout).toMatch(/Published: 1 events/);
  expect(simulator.stdout).toMatch(/servers +1 .*\n +poll +\d+/);
  expect(simulator.stdout).toContain('Tokens sent to a host that should not have them: 0');
});

test('simulate says how to follow it as an app that gets its tokens by itself', async () => {
  await using simulator = startCli(['simulate', '--users', '2']);
  await simulator.until(() => simulator.stdout.includes('/simulator/publish'));
  const line = /^ +(BOX_CLIENT_ID=.*) box-events watch$/m.exec(simulator.stdout)?.[1] ?? '';
  const env = Object.fromEntries([...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  expect((await runCli(['servers'], env)).exitCode).toBe(0);
  const { BOX_USER_ID: user = '', ...app } = env;
  const [, enterprise = ''] = /BOX_ENTERPRISE_ID=(\w+)/.exec(simulator.stdout) ?? [];
  const acting = await runCli(['servers', '--user', user], { ...app, BOX_ENTERPRISE_ID: enterprise });
  expect(acting.exitCode).toBe(0);
});

test('--list names every scenario and every fault, with a sentence each', async () => {
  const { exitCode, stdout } = await runCli(['simulate', '--list']);
  expect(exitCode).toBe(0);
  const names = [...scenarios.map(({ name }) => name), ...Object.keys(faults)];
  for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
});

test('a scenario of a file is played to its end, with the users and the traffic that were asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'box-events-'));
  const file = join(folder, 'mine.json');
  await writeFile(
    file,
    '{"name":"mine","says":"Little happens.","lasts":300,"publications":[{"at":0,"count":3}]}',
  );
  const { exitCode, stdout } = await runCli([
    'simulate',
    '--scenarios',
    file,
    '--scenario',
    'mine',
    '--rate',
    '0',
    '--users',
    '4',
  ]);
  await rm(folder, { recursive: true });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/4 users/);
  expect(stdout).toContain('\nPlaying mine for 0.3 s. Little happens.\n');
  expect(stdout).toMatch(/Published: 3 events/);
});

test('a fault of the command line happens', async () => {
  await using simulator = startCli(['simulate', '--fault', 'status,on=events,status=418']);
  await simulator.until(() => simulator.stdout.includes('/simulator/publish'));
  const token = /Token of [^:]+: (\S+)/.exec(simulator.stdout)?.[1];
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${urlIn(simulator.stdout)}/2.0/events`, { headers })).status).toBe(418);
  simulator.kill('SIGTERM');
  expect(await simulator.exitCode).toBe(0);
});

test.each([
  [['--fault', 'nonsense'], 2, /There is no fault "nonsense"/],
  [['--scenario', 'nonsense'], 2, /There is no scenario 'nonsense'\. There are: quiet-day/],
  [['--users', '0'], 2, /whole number from 1\./],
  [['--port', '65536'], 2, /whole number from 0 to 65535\./],
  [['--scenarios', '/nowhere.json'], 1, /nowhere\.json.*ENOENT/],
])('%j ends with one clear line', async (args, expectedCode, message) => {
  const { exitCode, stderr } = await runCli(['simulate', ...args]);
  expect(exitCode).toBe(expectedCode);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a port that is taken ends it with one clear line', async () => {
  await using first = startCli(['simulate']);
  await first.until(() => first.stdout !== '');
  const { exitCode, stderr } = await runCli(['simulate', '--port', new URL(urlIn(first.stdout)).port]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^box-events: listen EADDRINUSE.*\n$/);
});
