import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { startScript } from './support/cli.ts';
import { createReceiver } from './support/receiver.ts';

const script = fileURLToPath(new URL('../examples/service/service.ts', import.meta.url));

let box: Simulator;
let folder: string;
let receiver: Awaited<ReturnType<typeof createReceiver>>;
beforeEach(async () => {
  box = await createSimulator({ users: 3 });
  folder = await mkdtemp(join(tmpdir(), 'box-events-'));
  receiver = await createReceiver();
});
afterEach(async () => {
  await box.stop();
  await receiver[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The service, following all users of the simulated Box. */
const start = (more: Record<string, string> = {}) => {
  const { clientId, clientSecret, enterpriseId } = box.application;
  const service = startScript(script, {
    ...{ BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret, BOX_ENTERPRISE_ID: enterpriseId },
    ...{
      BOX_TOKEN_URL: box.tokenUrl,
      BOX_API_URL: box.apiUrl,
      BOX_USERS: box.users.map(({ id }) => id).join(),
    },
    ...{ STATE_DIRECTORY: folder, DELIVER_TO: receiver.url, PORT: '0' },
    ...more,
  });
  const entries = (): Record<string, unknown>[] =>
    service.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const ask = async (path: string) => {
    await service.until(() => entries().some(({ message }) => message === 'service serves'));
    const { address } = entries().find(({ message }) => message === 'service serves') ?? {};
    const response = await fetch(`http://127.0.0.1:${Reflect.get(Object(address), 'port')}${path}`);
    return { status: response.status, text: await response.text() };
  };
  /** The sum of a metric over all of its series with such a label. */
  const metric = async (name: string, label = '') => {
    const { text } = await ask('/metrics');
    const series = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  return Object.assign(service, { entries, ask, metric, isReady: () => expectReady(ask) });
};

const expectReady = (ask: (path: string) => Promise<{ status: number }>) =>
  vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), { timeout: 10_000 });

const publish = (index = 0) => String(box.publish({}, { userId: box.users[index]?.id ?? '' }).event_id);

test('it hands on what happens to each user, and says how it is: live, ready, with metrics', async () => {
  await using service = start();
  expect((await service.ask('/livez')).status).toBe(200);
  await service.isReady();
  const ids = [publish(0), publish(1), publish(2)];
  await receiver.until(() => receiver.ids().length === 3);
  expect(receiver.ids().sort()).toEqual(ids.sort());
  expect(receiver.pages.map(({ userId }) => userId).sort()).toEqual(box.users.map(({ id }) => id).sort());
  await vi.waitFor(async () => expect(await service.metric('box_events_delivered_events_total')).toBe(3));
  expect(await service.metric('box_events_stream_count', 'polling')).toBe(3);
  expect(JSON.parse((await service.ask('/health')).text)).toMatchObject({ stalled: 0, failed: 0 });
  expect(service.entries().map(({ message }) => message)).toContain('stream follows');
  expect((await service.ask('/else')).status).toBe(404);
}, 20_000);

test('a fault shows in its log, its health and its metrics, and so does the end of it', async () => {
  await using service = start();
  await service.isReady();
  const end = box.setFault({ what: 'status', on: 'events', status: 503 });
  const id = publish();
  await service.until(() =>
    service.entries().some(({ message }) => message === 'stream fails, and is tried again'),
  );
  expect(service.entries().at(-1)).toMatchObject({
    level: 'warn',
    errorType: '503',
    userId: box.users[0]?.id,
  });
  expect(await service.metric('box_events_retries_total', 'error_type="503"')).toBe(1);
  expect(JSON.parse((await service.ask('/health')).text)).toMatchObject({
    streams: { backingOff: 1, polling: 2 },
  });
  expect((await service.ask('/livez')).status).toBe(200);
  await end();
  await receiver.until(() => receiver.ids().includes(id));
  await service.until(() => service.entries().some(({ message }) => message === 'stream has recovered'));
  expect(await service.metric('box_events_stream_count', 'polling')).toBe(3);
}, 20_000);

test('at SIGTERM it waits for the page in hand, keeps its position, and ends with 0; started anew, it goes on after it', async () => {
  const first = start();
  await first.isReady();
  const taken = Promise.withResolvers<number>();
  receiver.answerWith(() => taken.promise);
  const inHand = publish();
  await receiver.until(() => receiver.ids().length === 1);
  const meanwhile = [publish(), publish(1)];
  first.kill('SIGTERM');
  await first.until(() => first.entries().some(({ message }) => message === 'stream has stopped'));
  receiver.answerWith(() => 204);
  taken.resolve(204);
  expect(await first.exitCode).toBe(0);
  expect(first.entries().at(-1)).toMatchObject({ message: 'service has stopped' });
  expect(receiver.ids()).toEqual([inHand]);

  await using second = start();
  await receiver.until(() => receiver.ids().length === 3);
  expect(receiver.ids().slice(1).sort()).toEqual(meanwhile.sort());
  second.kill('SIGTERM');
  expect(await second.exitCode).toBe(0);
}, 20_000);

test('a page that is not taken is tried again; at SIGTERM meanwhile it ends with 0, and the page comes again', async () => {
  const first = start();
  await first.isReady();
  receiver.answerWith(() => 503);
  const id = publish();
  await receiver.until(() => receiver.ids().length === 2);
  first.kill('SIGTERM');
  expect(await first.exitCode).toBe(0);
  receiver.answerWith(() => 204);
  receiver.pages.splice(0);
  await using second = start();
  await receiver.until(() => receiver.ids().includes(id));
  second.kill('SIGTERM');
  expect(await second.exitCode).toBe(0);
}, 20_000);

test('it outlasts a user whose stream fails for good, and ends with 1 when there is none left', async () => {
  await using service = start();
  await service.isReady();
  box.setFault({ what: 'status', on: 'events', status: 403, userId: box.users[1]?.id ?? '' });
  publish(1);
  const failures = () => service.entries().filter(({ message }) => message === 'stream has failed for good');
  await service.until(() => failures().length === 1);
  expect(failures()[0]).toMatchObject({ userId: box.users[1]?.id, errorType: '403' });
  const id = publish(0);
  await receiver.until(() => receiver.ids().includes(id));
  box.setFault({ what: 'status', on: 'events', status: 403 });
  for (const index of [0, 2]) publish(index);
  expect(await service.exitCode).toBe(1);
  expect(service.entries().at(-1)).toMatchObject({ level: 'error', message: 'service has failed' });
}, 20_000);

test('without anything in its environment it follows a Box of its own, and prints', async () => {
  await using service = startScript(script, { PORT: '0' });
  await service.until(() => service.lines.length > 0);
  expect(service.lines[0]).toMatchObject({ userId: expect.any(String), events: expect.any(Array) });
  service.kill('SIGINT');
  expect(await service.exitCode).toBe(0);
}, 20_000);

test.each([
  [{ BOX_CLIENT_ID: 'x' }, 'BOX_USERS'],
  [{ BOX_USERS: '1', BOX_CLIENT_ID: 'x' }, 'BOX_CLIENT_SECRET'],
  [{ BOX_USERS: 'not an id', BOX_TOKEN: 'secret-token' }, 'userId'],
  [{ BOX_USERS: '1', BOX_CLIENT_ID: 'x', BOX_CLIENT_SECRET: 'the secret' }, 'clientSecret'],
  [{ DELIVER_TO: 'somewhere' }, 'DELIVER_TO'],
  [{ PORT: 'http' }, 'PORT'],
])('what is wrong with its environment is told, and no secret: %j', async (env, named) => {
  const service = startScript(script, { STATE_DIRECTORY: folder, PORT: '0', ...env } as Record<
    string,
    string
  >);
  expect(await service.exitCode).toBe(1);
  expect(service.stderr).toContain(named);
});
