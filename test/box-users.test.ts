import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createActor, fromCallback, SimulatedClock, toPromise, waitFor } from 'xstate';
import { boxEventsMachine, type Delivery } from '../machines/box-events.machine.ts';
import { boxUsersMachine } from '../machines/box-users.machine.ts';
import { createUserStreams, type StreamsCommand } from '../machines/user-streams.ts';
import type { UsersInput } from '../machines/users-input.ts';
import { createServices } from '../src/services.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { followUsers } from './support/users.ts';

let box: Simulator;
let clock: SimulatedClock;
const running: ReturnType<typeof followUsers>[] = [];

beforeEach(async () => {
  clock = new SimulatedClock();
  box = await createSimulator({ clock, users: 500 });
});
afterEach(async () => {
  for (const { actor } of running.splice(0)) actor.stop();
  await box.stop();
});

const idOf = (index: number) => box.users[index]?.id ?? '';
const [first, second, third] = [0, 1, 2];
const user = (index: number, streamPosition = '0') => ({ userId: idOf(index), streamPosition });
const follow = (input: UsersInput, options?: Parameters<typeof followUsers>[2]) => {
  const users = followUsers({ box, clock }, input, options);
  running.push(users);
  return users;
};
const requestsOf = (index: number) => box.requests.filter(({ userId }) => userId === idOf(index));
const startedUsers = () => new Set(box.requests.map(({ userId }) => userId)).size;
const held = (count: number) => box.until(() => box.heldPolls === count);

/** A consumer that waits in the middle of each page with events until it is let go. */
function slowConsumer() {
  const pages: Delivery[] = [];
  let gate = Promise.withResolvers<void>();
  return {
    pages,
    async deliver(page: Delivery) {
      if (page.events.length === 0) return;
      pages.push(page);
      await gate.promise;
    },
    letGo: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
  };
}

describe('starting', () => {
  test('streams start one after the other, in the order in which they were named', async () => {
    follow({ users: [user(first), user(second), user(third)], startsPerSecond: 5 });
    for (const count of [1, 2, 3]) {
      await held(count);
      expect([...new Set(box.requests.map(({ userId }) => userId))]).toEqual(
        [0, 1, 2].slice(0, count).map(idOf),
      );
      clock.increment(199);
      expect(startedUsers()).toBe(count);
      clock.increment(1);
    }
  });

  test('a user who comes when nobody waits is started at once', async () => {
    const { actor } = follow({ startsPerSecond: 0.001 });
    actor.send({ type: 'follow', ...user(first) });
    await held(1);
    expect(startedUsers()).toBe(1);
  });

  test('by default, thousands are started with no more than 600 calls of the API in a minute', async () => {
    follow({ users: box.users.map(({ id }) => ({ userId: id, streamPosition: '0' })) });
    for (let step = 1; step < 300; step++) {
      await held(step);
      clock.increment(200);
    }
    await held(300);
    expect(box.report.requests.servers + box.report.requests.events).toBe(600);
    expect(clock.now()).toBeGreaterThanOrEqual(59_800);
  }, 30_000);

  test('a user who is named twice, or is followed already, is followed once, from where it was', async () => {
    const { actor } = follow({ users: [user(first), { userId: idOf(first) }], startsPerSecond: 1_000 });
    actor.send({ type: 'follow', userId: idOf(first) });
    await held(1);
    clock.increment(10_000);
    actor.send({ type: 'follow', userId: idOf(first) });
    clock.increment(10_000);
    expect(actor.getSnapshot().context.following).toEqual([idOf(first)]);
    expect(requestsOf(first).filter(({ kind }) => kind === 'servers')).toHaveLength(1);
    expect(requestsOf(first).find(({ kind }) => kind === 'events')?.url).toContain('stream_position=0&');
  });

  test('those who come, start and go are not looked for among all who wait', () => {
    let looks = 0;
    const users = Array.from({ length: 200 }, (_, index) => ({
      get userId() {
        looks += 1;
        return String(index);
      },
    }));
    const streams = fromCallback<StreamsCommand>(() => {});
    const machine = boxUsersMachine.provide({ actors: { streams } });
    const actor = createActor(machine, { clock, input: { users, startsPerSecond: 1_000 } }).start();
    for (let index = 0; index < 100; index++) {
      actor.send({ type: 'follow', userId: `further ${index}` });
      clock.increment(1);
      actor.send({ type: 'stopped', userId: String(index), streamPosition: '1' });
    }
    expect(actor.getSnapshot().context).toMatchObject({ following: ['100'], waiting: { length: 199 } });
    expect(looks).toBeLessThan(10 * users.length);
    actor.stop();
  });

  test.each([
    [{}, 2],
    [{ recentSize: 1 }, 3],
  ])(
    'what holds for all is handed to each stream: with %j, %i of two events and repetitions come',
    async (all, count) => {
      for (const _ of [1, 2]) box.publish();
      box.setFault({ what: 'repeatTail', on: 'events' });
      const { of } = follow({ users: [user(first)], streamType: 'changes', ...all }, { limit: 1 });
      await held(1);
      expect(requestsOf(first)[0]?.url).toContain('stream_type=changes');
      expect(of('page').flatMap(({ events }) => events)).toHaveLength(count);
    },
  );

  test.each([
    [{ startsPerSecond: 0 }, /startsPerSecond must be a number from 0.001 to 1000, not 0/],
    [{ startsPerSecond: 1e-7 }, /startsPerSecond/],
    [{ startsPerSecond: 1_001 }, /startsPerSecond/],
    [{ startsPerSecond: Number.NaN }, /startsPerSecond/],
    [{ streamType: 'admin_logs' as never }, /does not announce/],
    [{ recentSize: 0 }, /recentSize/],
  ])('%j fails before anybody is started', async (input, message) => {
    const actor = createActor(boxUsersMachine, { input: { users: [user(first)], ...input } });
    const ended = toPromise(actor);
    actor.start();
    await expect(ended).rejects.toThrow(message);
  });
});

describe('listening', () => {
  test('each page, position and retry comes with its user', async () => {
    const retried = box.setFault({ what: 'status', on: 'servers', status: 503, userId: idOf(second) });
    const events = [box.publish(), box.publish()];
    const { of } = follow({ users: [user(first), user(second)], startsPerSecond: 1_000 });
    await held(1);
    clock.increment(1);
    await box.until(() => requestsOf(second).length > 0);
    await expect.poll(() => of('retry')).toHaveLength(1);
    expect(of('page')).toEqual([{ type: 'page', userId: idOf(first), events }]);
    expect(of('position')).toEqual([
      { type: 'position', userId: idOf(first), streamPosition: box.positionOf(idOf(first)) },
    ]);
    expect(of('retry')[0]).toMatchObject({ userId: idOf(second), attempt: 1, error: { status: 503 } });
    await retried();
  });

  test('a page is told before it is delivered, and its position after', async () => {
    box.publish();
    const consumer = slowConsumer();
    const { emitted } = follow({ users: [user(first)] }, consumer);
    await expect.poll(() => consumer.pages).toHaveLength(1);
    expect(emitted.map(({ type }) => type)).toEqual(['page']);
    consumer.letGo();
    await held(1);
    expect(emitted.map(({ type }) => type)).toEqual(['page', 'position']);
  });
});

test('an inspector sees each stream', async () => {
  const seen = new Set<string>();
  const services = createServices({ token: box.serviceToken, asUser: true, apiUrl: box.apiUrl });
  const streams = createUserStreams(boxEventsMachine.provide({ actors: services }), {
    inspect(event) {
      if (event.type === '@xstate.snapshot' && 'context' in event.snapshot)
        seen.add(JSON.stringify(event.snapshot.context).replace(/.*"userId":"(\d+)".*/, '$1'));
    },
  });
  const machine = boxUsersMachine.provide({ actors: { streams } });
  const actor = createActor(machine, { clock, input: { users: [user(first), user(second)] } }).start();
  await held(1);
  clock.increment(200);
  await held(2);
  expect([...seen]).toEqual([idOf(first), idOf(second)]);
  actor.stop();
  await held(0);
});

describe('leaving', () => {
  test('a user who waits is never started', async () => {
    const { actor, of } = follow({ users: [user(first), user(second, '7')] });
    actor.send({ type: 'unfollow', userId: idOf(second) });
    await held(1);
    clock.increment(10_000);
    expect(of('stopped')).toEqual([{ type: 'stopped', userId: idOf(second), streamPosition: '7' }]);
    expect(requestsOf(second)).toEqual([]);
  });

  test('a user whose stream polls is left at once, and the poll aborted', async () => {
    const { actor, of } = follow({ users: [user(first)] });
    await held(1);
    actor.send({ type: 'unfollow', userId: idOf(first) });
    await held(0);
    expect(of('stopped')).toEqual([
      { type: 'stopped', userId: idOf(first), streamPosition: box.positionOf() },
    ]);
    expect(actor.getSnapshot().context.following).toEqual([]);
  });

  test('a user whose page is being delivered is left after it, and nothing more is asked', async () => {
    box.publish();
    const consumer = slowConsumer();
    const { actor, of } = follow({ users: [user(first)] }, consumer);
    await expect.poll(() => consumer.pages).toHaveLength(1);
    actor.send({ type: 'unfollow', userId: idOf(first) });
    actor.send({ type: 'unfollow', userId: idOf(first) });
    expect(of('stopped')).toEqual([]);
    consumer.letGo();
    await expect.poll(() => of('stopped')).toHaveLength(1);
    expect(of('stopped')[0]?.streamPosition).toBe(box.positionOf());
    expect(requestsOf(first).filter(({ kind }) => kind === 'poll')).toEqual([]);
  });

  test('a user who comes back while leaving goes on where the old stream ended, with one stream at a time', async () => {
    box.publish();
    const consumer = slowConsumer();
    const { actor, of } = follow({ users: [user(first)] }, consumer);
    await expect.poll(() => consumer.pages).toHaveLength(1);
    actor.send({ type: 'unfollow', userId: idOf(first) });
    actor.send({ type: 'follow', userId: idOf(first) });
    clock.increment(10_000);
    expect(actor.getSnapshot().context).toMatchObject({
      following: [idOf(first)],
      leaving: [idOf(first)],
      waiting: [{ userId: idOf(first) }],
    });
    const missed = box.publish();
    consumer.letGo();
    await expect.poll(() => consumer.pages).toHaveLength(2);
    expect(consumer.pages[1]?.events).toEqual([missed]);
    consumer.letGo();
    await held(1);
    expect(of('stopped')).toHaveLength(1);
    expect(actor.getSnapshot().context).toMatchObject({ following: [idOf(first)], leaving: [], waiting: [] });
    expect(requestsOf(first).filter(({ kind }) => kind === 'events')).toHaveLength(2);
  });

  test('a user who leaves again before coming back has left once', async () => {
    box.publish();
    const consumer = slowConsumer();
    const { actor, of } = follow({ users: [user(first)] }, consumer);
    await expect.poll(() => consumer.pages).toHaveLength(1);
    for (const type of ['unfollow', 'follow', 'unfollow'] as const) actor.send({ type, userId: idOf(first) });
    consumer.letGo();
    await expect.poll(() => of('stopped')).toHaveLength(1);
    clock.increment(10_000);
    expect(actor.getSnapshot().context).toMatchObject({ following: [], leaving: [], waiting: [] });
    expect(actor.getSnapshot().value).toBe('resting');
  });

  test('one who leaves and was never followed leaves nobody', async () => {
    const { actor, emitted } = follow({ users: [user(first)] });
    await held(1);
    emitted.length = 0;
    actor.send({ type: 'unfollow', userId: 'nobody' });
    expect(emitted).toEqual([]);
    expect(box.heldPolls).toBe(1);
  });
});

describe('failing', () => {
  test('a user whose access is refused is told, and the others go on', async () => {
    const lifted = box.setFault({ what: 'status', status: 403, on: 'servers', userId: idOf(first) });
    const { actor, of } = follow({ users: [user(first), user(second)] });
    await expect.poll(() => of('failed')).toHaveLength(1);
    expect(of('failed')[0]).toMatchObject({ userId: idOf(first), error: { name: 'BoxError', status: 403 } });
    clock.increment(200);
    await held(1);
    box.publish({}, { userId: idOf(second) });
    await expect.poll(() => of('page').map(({ userId }) => userId)).toEqual([idOf(second)]);
    expect(actor.getSnapshot().context.following).toEqual([idOf(second)]);

    await lifted();
    actor.send({ type: 'follow', ...user(first) });
    clock.increment(200);
    await held(2);
  });

  test('a position that is none fails its user alone', async () => {
    const { of } = follow({ users: [user(first, '1.15e18'), user(second)] });
    clock.increment(200);
    await held(1);
    expect(of('failed')).toEqual([
      { type: 'failed', userId: idOf(first), error: expect.objectContaining({ name: 'TypeError' }) },
    ]);
  });

  test('a consumer that rejects fails the user whose page it was', async () => {
    box.publish();
    const deliver = async ({ events }: Delivery) => {
      if (events.length > 0) throw new Error('The disk is full.');
    };
    const { of } = follow({ users: [user(first), user(second)] }, { deliver });
    clock.increment(200);
    await held(1);
    expect(of('failed')).toMatchObject([{ userId: idOf(first), error: { message: 'The disk is full.' } }]);
  });
});

describe('stopping', () => {
  test('waits for what is in hand, aborts the rest, and says where everybody stands', async () => {
    box.publish();
    const consumer = slowConsumer();
    const { actor, of } = follow(
      { users: [user(second), user(first), user(third, '7'), { userId: idOf(3) }] },
      consumer,
    );
    await held(1);
    clock.increment(200);
    await expect.poll(() => consumer.pages).toHaveLength(1);
    const ended = toPromise(actor);
    actor.send({ type: 'stop' });
    actor.send({ type: 'stop' });
    await held(0);
    expect(actor.getSnapshot().value).toBe('stopping');
    actor.send({ type: 'follow', userId: idOf(4) });
    actor.send({ type: 'unfollow', userId: idOf(first) });
    consumer.letGo();
    const { positions } = await ended;
    const expected = [
      { userId: idOf(third), streamPosition: '7' },
      { userId: idOf(3), streamPosition: 'now' },
      { userId: idOf(second), streamPosition: box.positionOf(idOf(second)) },
      { userId: idOf(first), streamPosition: box.positionOf(idOf(first)) },
    ];
    expect(positions).toEqual(expected);
    expect(of('stopped').map(({ userId, streamPosition }) => ({ userId, streamPosition }))).toEqual(expected);
    expect(requestsOf(4)).toEqual([]);
  });

  test('ends at once when nobody is followed', async () => {
    const { actor } = follow({});
    const ended = toPromise(actor);
    actor.send({ type: 'stop' });
    expect(await ended).toEqual({ positions: [] });
  });

  test('ends also when the last stream fails instead', async () => {
    box.publish();
    const gate = Promise.withResolvers<void>();
    const { actor, of } = follow({ users: [user(first)] }, { deliver: () => gate.promise });
    await expect.poll(() => of('page')).toHaveLength(1);
    actor.send({ type: 'stop' });
    gate.reject(new Error('The disk is full.'));
    expect(await toPromise(actor)).toEqual({ positions: [] });
    expect(of('failed')).toHaveLength(1);
  });

  test('stopping the actor aborts every request', async () => {
    const { actor } = follow({ users: [user(first), user(second)] });
    await held(1);
    clock.increment(200);
    await held(2);
    actor.stop();
    await held(0);
  });
});

test('its context is plain JSON, and its snapshots hold no token', async () => {
  const { actor } = follow({ users: [user(first), user(second), user(third)] });
  await held(1);
  clock.increment(200);
  await held(2);
  actor.send({ type: 'unfollow', userId: idOf(first) });
  const { context } = await waitFor(actor, ({ context: { following } }) => following.length === 1);
  expect(JSON.parse(JSON.stringify(context))).toEqual(context);
  expect(JSON.stringify(actor.getPersistedSnapshot())).not.toContain(box.serviceToken);
});
