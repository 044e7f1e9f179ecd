import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSimulator } from '../src/simulator/index.ts';
import { environmentOf, runCli, startCli } from './support/cli.ts';
import { updatesUntil } from './support/inspector.ts';

const pageOf = (stderr: string) => /See (http:\/\/127\.0\.0\.1:\d+)\./.exec(stderr)?.[1] ?? '';

test('box-events inspect shows a simulated Box on a page, with faults, until Ctrl-C', async () => {
  await using cli = startCli(['inspect', '--users', '3']);
  await cli.until(() => pageOf(cli.stderr) !== '');
  const updates = await updatesUntil(`${pageOf(cli.stderr)}/updates`, (all) =>
    all.some(({ rows }) => rows.length === 3),
  );
  expect(updates[0]?.faults?.map(({ label }) => label)).toContain('503');
  expect(updates[0]?.rows.map(({ name }) => name)).toContain('Amara Okafor');
  cli.kill('SIGINT');
  expect(await cli.exitCode).toBe(0);
  expect(cli.stderr).toContain('Following a simulated Box.');
});

test('box-events inspect shows the account of BOX_TOKEN, without faults', async () => {
  await using box = await createSimulator();
  await using cli = startCli(['inspect'], environmentOf(box));
  await cli.until(() => pageOf(cli.stderr) !== '');
  const isPolling = (state: string | undefined) => state === 'polling';
  const updates = await updatesUntil(`${pageOf(cli.stderr)}/updates`, (all) =>
    all.some(({ rows }) => isPolling(rows[0]?.state)),
  );
  expect(updates[0]?.faults).toBeNull();
  cli.kill('SIGTERM');
  expect(await cli.exitCode).toBe(0);
});

test('the events go out as they do with watch', async () => {
  await using box = await createSimulator();
  const { event_id } = box.publish({ event_type: 'ITEM_UPLOAD' });
  await using cli = startCli(['inspect', '--from', '0'], environmentOf(box));
  await cli.until(() => cli.stdout.includes('"type":"position"'));
  const [first = '', second = ''] = cli.stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ type: 'event', event_id });
  expect(JSON.parse(second)).toMatchObject({ type: 'position' });
  cli.kill('SIGINT');
  expect(await cli.exitCode).toBe(0);
});

test('it ends when nobody reads the events any more', async () => {
  await using cli = startCli(['inspect']);
  cli.closePipe();
  expect(await cli.exitCode).toBe(0);
  expect(cli.stderr).not.toContain('EPIPE');
});

test('a stream that failed is told, and makes the exit code 1; the page stays until Ctrl-C', async () => {
  await using box = await createSimulator();
  await using cli = startCli(['inspect'], { ...environmentOf(box), BOX_TOKEN: 'no-such-token' });
  await cli.until(() => cli.stderr.includes('The page shows where it ended.'));
  await cli.until(() => pageOf(cli.stderr) !== '');
  const [update] = await updatesUntil(`${pageOf(cli.stderr)}/updates`, (all) => all.length > 0);
  expect(update?.rows[0]).toMatchObject({ status: 'error', state: 'fetchingServers' });
  cli.kill('SIGINT');
  expect(await cli.exitCode).toBe(1);
  expect(cli.stderr).toContain('401');
});

test.each([
  [['inspect', '--port', 'x'], {}, 'whole number'],
  [['inspect', '--user', '7'], {}, 'A user of yours needs BOX_TOKEN'],
  [['inspect'], { BOX_API_URL: 'http://127.0.0.1:1' }, 'BOX_TOKEN is not'],
])('%j with %j is a wrong use', async (args, env, message) => {
  const { exitCode, stderr } = await runCli(args, env);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test('a page does not keep a process alive, and takes no error away from it', async () => {
  const program = `
    import { boxEventsMachine } from 'box-events';
    import { attachInspector } from 'box-events/inspector';
    import { createActor, fromPromise } from 'xstate';
    const fetchServers = fromPromise(async () => { throw new Error('it must be seen'); });
    const actor = createActor(boxEventsMachine.provide({ actors: { fetchServers } }));
    const { url } = await attachInspector(actor);
    console.log(url);
    actor.start();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(stderr).toContain('it must be seen');
});

test('--users with a token is refused with 2, for it is about the simulated Box', async () => {
  const { exitCode, stderr } = await runCli(['inspect', '--users', '3'], { BOX_TOKEN: 'a-token' });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^box-events: --users is about the simulated Box\..*\n$/);
});
