import { afterEach, expect, test, vi } from 'vitest';
import { createActor, createMachine, fromPromise, toPromise } from 'xstate';
import { streamsRunBy } from '../machines/user-streams.ts';
import { readEvents } from '../src/answers.ts';
import { clientCredentials } from '../src/client-credentials.ts';
import { watchHealth } from '../src/operations/index.ts';
import { heapInUse } from './support/heap.ts';

const megabyte = 1024 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

test('a position that is kept does not keep the page that it came with', async () => {
  const page = (position: bigint) =>
    `{"next_stream_position":${position},"entries":[{"type":"event","name":"${'x'.repeat(megabyte)}"}]}`;
  const before = await heapInUse();
  const positions = Array.from(
    { length: 30 },
    (_, index) =>
      readEvents(page(1152922976252290886n + BigInt(index)), { limit: 500, asked: '0' }).streamPosition,
  );
  expect((await heapInUse()) - before).toBeLessThan(10 * megabyte);
  expect(positions.at(-1)).toBe('1152922976252290915');
});

test('tokens that nobody asks for any more are forgotten, while somebody asks on and on', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const token = clientCredentials({
    clientId: 'app',
    clientSecret: 'secret',
    fetch: async () => Response.json({ access_token: 't'.repeat(megabyte), expires_in: 3_600 }),
  });
  const minutesPass = async (minutes: number) => {
    vi.setSystemTime(Date.now() + minutes * 60_000);
    await token({ userId: 'faithful' });
  };
  await minutesPass(0);
  const before = await heapInUse();
  for (let index = 0; index < 30; index += 1) await token({ userId: `guest${index}` });
  expect((await heapInUse()) - before).toBeGreaterThan(20 * megabyte);
  await minutesPass(59);
  await minutesPass(59);
  expect((await heapInUse()) - before).toBeLessThan(10 * megabyte);
});

test('actors that have ended are forgotten by who observes the streams beside them', async () => {
  const machine = createMachine({
    on: { again: { target: '.working', reenter: true } },
    initial: 'working',
    states: { working: { invoke: { id: 'work', src: fromPromise(async () => {}) } } },
  });
  const actor = createActor(machine).start();
  const health = watchHealth(actor);
  const seen: WeakRef<object>[] = [];
  for (let round = 0; round < 50; round += 1) {
    const { work } = actor.getSnapshot().children;
    if (work) seen.push(new WeakRef(streamsRunBy(work)));
    // Every other one is stopped before its end.
    if (work && round % 2 === 0) await toPromise(work);
    actor.send({ type: 'again' });
  }
  await heapInUse();
  expect(seen.filter((streams) => streams.deref()).length).toBeLessThan(5);
  expect(health.check().isAlive).toBe(true);
});
