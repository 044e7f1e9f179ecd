import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SimulatedClock, waitFor } from 'xstate';
import { watchHealth } from '../src/operations/index.ts';
import type { Simulator } from '../src/simulator/index.ts';
import { follow, simulatedBox } from './support/stream.ts';
import { followUsers } from './support/users.ts';

let seen: { box: Simulator; clock: SimulatedClock };
let elapsed: number;
beforeEach(async () => {
  seen = await simulatedBox({ users: 3 });
  elapsed = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + elapsed);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await seen.box.stop();
});

const minutes = (count: number) => count * 60_000;

/** Has a stream fail until it has backed off so many times in a row. */
async function failUntil(stream: ReturnType<typeof follow>, attempt: number) {
  await stream.reaches('backingOff');
  while (stream.actor.getSnapshot().context.attempt < attempt) {
    seen.clock.increment(31_000);
    await stream.reaches('fetchingServers');
    await stream.reaches('backingOff');
  }
}

describe('a stream', () => {
  test('is ready once its first page is handled', async () => {
    const handled = Promise.withResolvers<void>();
    const stream = follow(seen, {}, { deliver: () => handled.promise });
    const health = watchHealth(stream.actor);
    await stream.reaches('delivering');
    expect(health.check()).toMatchObject({ isAlive: true, isReady: false, stalled: [] });
    handled.resolve();
    await stream.reaches('polling');
    expect(health.check()).toMatchObject({ isAlive: true, isReady: true, stalled: [], failed: 0 });
    expect(health.check().streams).toMatchObject({ polling: 1, delivering: 0, waiting: 0 });
    stream.actor.stop();
  });

  test('that polled already when it is watched is ready at once', async () => {
    const stream = follow(seen);
    await stream.reaches('polling');
    expect(watchHealth(stream.actor).check().isReady).toBe(true);
    stream.actor.stop();
  });

  test('that polls in a quiet account is well, for as long as a poll may be silent', async () => {
    const stream = follow(seen);
    const health = watchHealth(stream.actor);
    await stream.reaches('polling');
    elapsed = minutes(10);
    expect(health.check().stalled).toEqual([]);
    elapsed = minutes(12);
    expect(health.check().stalled).toMatchObject([{ state: 'polling', attempt: 0 }]);
    stream.actor.stop();
  });

  test('is stalled when it has backed off ten times in a row, and no more once all is well', async () => {
    const end = seen.box.setFault({ what: 'status', on: 'servers' });
    const stream = follow(seen);
    const health = watchHealth(stream.actor);
    await failUntil(stream, 9);
    expect(health.check()).toMatchObject({ isReady: false, stalled: [] });
    await failUntil(stream, 10);
    expect(health.check().stalled).toMatchObject([{ state: 'backingOff', attempt: 10, userId: undefined }]);
    expect(health.check()).toMatchObject({ isAlive: true, isReady: false });
    await end();
    seen.clock.increment(31_000);
    await stream.reaches('polling');
    seen.clock.increment(2_000);
    expect(health.check()).toMatchObject({ isReady: true, stalled: [] });
    stream.actor.stop();
  });

  test('is stalled when a page is handled for too long, and stays ready', async () => {
    const handled = Promise.withResolvers<void>();
    const stream = follow(seen);
    const health = watchHealth(stream.actor, { stalledAfter: minutes(1) });
    await stream.reaches('polling');
    const slow = follow(seen, {}, { deliver: () => handled.promise });
    const slowHealth = watchHealth(slow.actor, { stalledAfter: minutes(1) });
    await slow.reaches('delivering');
    elapsed = minutes(2);
    expect(slowHealth.check().stalled).toMatchObject([{ state: 'delivering', attempt: 0 }]);
    expect(Math.round((slowHealth.check().stalled[0]?.sinceProgress ?? 0) / minutes(1))).toBe(2);
    expect(health.check().isReady).toBe(true);
    handled.resolve();
    await slow.reaches('polling');
    expect(slowHealth.check().stalled).toEqual([]);
    slow.actor.stop();
    stream.actor.stop();
  });

  test('fetches, and delivers no more, while the page after the one that is handled is not there', async () => {
    for (let count = 0; count < 4; count++) seen.box.publish();
    const handled = Promise.withResolvers<void>();
    const stream = follow(
      seen,
      { streamPosition: '0' },
      { limit: 2, requestTimeout: minutes(5), deliver: () => handled.promise },
    );
    const health = watchHealth(stream.actor);
    seen.box.setFault({ what: 'silence', on: 'events', nth: 2 });
    await stream.reaches('delivering');
    expect(health.check().streams).toMatchObject({ delivering: 1, fetchingEvents: 0 });
    handled.resolve();
    await waitFor(stream.actor, ({ context }) => context.page === null);
    expect(health.check().streams).toMatchObject({ delivering: 0, fetchingEvents: 1 });
    elapsed = minutes(12);
    expect(health.check().stalled).toMatchObject([{ state: 'fetchingEvents' }]);
    stream.actor.stop();
  });

  test('that is paused is well, however long', async () => {
    const stream = follow(seen);
    const health = watchHealth(stream.actor);
    await stream.reaches('polling');
    stream.actor.send({ type: 'pause' });
    elapsed = minutes(600);
    expect(health.check()).toMatchObject({ isAlive: true, isReady: true, stalled: [] });
    stream.actor.stop();
  });

  test.each(['stop', 'failure'])('is not alive after its %s', async (how) => {
    const stream = follow(seen);
    const health = watchHealth(stream.actor);
    await stream.reaches('polling');
    if (how === 'failure') seen.box.setFault({ what: 'revokeToken' });
    if (how === 'failure') seen.box.publish();
    else stream.actor.send({ type: 'stop' });
    await vi.waitFor(() => expect(health.check().isAlive).toBe(false));
    expect(health.check().failed).toBe(how === 'failure' ? 1 : 0);
  });
});

describe('many streams', () => {
  const followAll = () =>
    followUsers(seen, { users: seen.box.users.map(({ id }) => ({ userId: id })), startsPerSecond: 1 });

  test('are ready when nobody waits to be started, and each has handled a page', async () => {
    const { actor } = followAll();
    const health = watchHealth(actor);
    await seen.box.until(() => seen.box.heldPolls === 1);
    expect(health.check()).toMatchObject({ isReady: false, streams: { waiting: 2, polling: 1 } });
    for (let start = 0; start < 2; start++) seen.clock.increment(1_000);
    await seen.box.until(() => seen.box.heldPolls === 3);
    expect(health.check()).toMatchObject({ isReady: true, streams: { waiting: 0, polling: 3 } });
    actor.stop();
  });

  test('are ready without one that is stalled from its beginning, whose user is named', async () => {
    const userId = seen.box.users[1]?.id ?? '';
    seen.box.setFault({ what: 'silence', on: 'servers', userId });
    const { actor } = followAll();
    const health = watchHealth(actor, { stalledAfter: minutes(1) });
    for (let start = 0; start < 2; start++) seen.clock.increment(1_000);
    await seen.box.until(() => seen.box.heldPolls === 2);
    expect(health.check()).toMatchObject({ isReady: false, stalled: [] });
    elapsed = minutes(2);
    for (const { id } of seen.box.users) seen.box.publish({}, { userId: id });
    await vi.waitFor(() =>
      expect(health.check().stalled).toMatchObject([{ userId, state: 'fetchingServers' }]),
    );
    expect(health.check().isReady).toBe(true);
    actor.stop();
  });

  test('go on when one has failed for good, which is counted', async () => {
    const { actor } = followAll();
    const health = watchHealth(actor);
    for (let start = 0; start < 2; start++) seen.clock.increment(1_000);
    await seen.box.until(() => seen.box.heldPolls === 3);
    seen.box.setFault({ what: 'revokeToken', userId: seen.box.users[0]?.id ?? '' });
    seen.box.publish();
    await waitFor(actor, ({ context }) => context.following.length === 2);
    expect(health.check()).toMatchObject({
      isAlive: true,
      isReady: true,
      failed: 1,
      streams: { polling: 2 },
    });
    actor.stop();
    expect(health.check().isAlive).toBe(false);
  });
});

test('a wrong option, or what is no actor, is refused', () => {
  // @ts-expect-error A loop is not its actor.
  expect(() => watchHealth({})).toThrow(/events\.actor/);
  const { actor } = follow(seen);
  expect(() => watchHealth(actor, { stalledAfter: 0 })).toThrow(/stalledAfter/);
  actor.stop();
});
