import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SimulatedClock, waitFor } from 'xstate';
import { streamsRunBy } from '../machines/user-streams.ts';
import { type LogEntry, logStreams } from '../src/operations/index.ts';
import type { Simulator } from '../src/simulator/index.ts';
import { follow, simulatedBox } from './support/stream.ts';
import { catchUncaught } from './support/uncaught.ts';
import { followUsers } from './support/users.ts';

let seen: { box: Simulator; clock: SimulatedClock };
let entries: LogEntry[];
beforeEach(async () => {
  seen = await simulatedBox({ users: 5 });
  entries = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await seen.box.stop();
});

const write = (entry: LogEntry) => entries.push(entry);
const messages = () => entries.map(({ level, message }) => `${level}: ${message}`);
const written = (count: number) => vi.waitFor(() => expect(entries).toHaveLength(count));

describe('of a stream it is told', () => {
  test('that it follows, and nothing of what it delivers', async () => {
    const stream = follow(seen);
    logStreams(stream.actor, write);
    await stream.reaches('polling');
    seen.box.publish();
    await stream.reaches('fetchingEvents');
    await stream.reaches('polling');
    expect(entries).toEqual([
      { level: 'info', message: 'stream follows', streamPosition: expect.stringMatching(/^\d+$/) },
    ]);
    stream.actor.stop();
  });

  test('that it fails, why, and that it has recovered', async () => {
    const end = seen.box.setFault({ what: 'status', on: 'servers', status: 503 });
    const stream = follow(seen);
    logStreams(stream.actor, write);
    await stream.reaches('backingOff');
    await end();
    seen.clock.increment(2_000);
    await stream.reaches('polling');
    seen.clock.increment(2_000);
    await written(3);
    expect(entries).toMatchObject([
      {
        ...{ level: 'warn', message: 'stream fails, and is tried again' },
        ...{ request: 'servers', errorType: '503', attempt: 1, delay: expect.any(Number) },
        error: expect.stringContaining('OPTIONS /events was answered with 503'),
      },
      { level: 'info', message: 'stream follows' },
      { level: 'info', message: 'stream has recovered', attempt: 1 },
    ]);
    stream.actor.stop();
  });

  test('that it fails at the first, the tenth and the hundredth attempt', async () => {
    seen.box.setFault({ what: 'status', on: 'servers' });
    const stream = follow(seen);
    logStreams(stream.actor, write, { gatherFor: 0 });
    await stream.reaches('backingOff');
    while (stream.actor.getSnapshot().context.attempt < 101) {
      seen.clock.increment(31_000);
      await stream.reaches('fetchingServers');
      await stream.reaches('backingOff');
    }
    expect(entries.map(({ attempt }) => attempt)).toEqual([1, 10, 100]);
    stream.actor.stop();
  });

  test('that it has stopped, and where', async () => {
    const stream = follow(seen);
    logStreams(stream.actor, write);
    await stream.reaches('polling');
    stream.actor.send({ type: 'stop' });
    await written(2);
    expect(entries[1]).toEqual({
      ...{ level: 'info', message: 'stream has stopped' },
      streamPosition: stream.position,
    });
  });

  test('that it has failed for good; of an error of the app its name only', async () => {
    class HandlingError extends Error {
      override readonly name = 'HandlingError';
    }
    const failing = { deliver: () => Promise.reject(new HandlingError('secret.txt')) };
    const stream = follow(seen, {}, failing);
    logStreams(stream.actor, write);
    await expect(waitFor(stream.actor, () => false)).rejects.toThrow();
    await written(1);
    expect(entries).toEqual([
      {
        level: 'error',
        message: 'stream has failed for good',
        errorType: 'HandlingError',
        error: 'HandlingError',
      },
    ]);
  });
});

describe('of many streams', () => {
  const followAll = () =>
    followUsers(seen, {
      users: seen.box.users.map(({ id }) => ({ userId: id, streamPosition: '0' })),
      startsPerSecond: 1_000,
    });
  const startAll = async () => {
    for (let start = 0; start < seen.box.users.length; start++) seen.clock.increment(1);
    await seen.box.until(() => seen.box.heldPolls === seen.box.users.length);
  };

  test('the first is told at once, with its user, and the others in one entry', async () => {
    const { actor } = followAll();
    const end = logStreams(actor, write);
    await startAll();
    await written(1);
    expect(entries[0]).toMatchObject({ message: 'stream follows', userId: expect.stringMatching(/^\d+$/) });
    end();
    await written(2);
    expect(entries[1]).toEqual({ level: 'info', message: 'stream follows', streams: 4 });
    actor.stop();
  });

  test('what was gathered is told after a while, and what comes later at once again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { actor } = followAll();
    logStreams(actor, write, { gatherFor: 500 });
    await startAll();
    vi.advanceTimersByTime(500);
    await Promise.resolve();
    expect(entries.map(({ streams = 1 }) => streams)).toEqual([1, 4]);
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
    seen.box.setFault({ what: 'status', on: 'events' });
    seen.box.publish();
    const { streams } = actor.getSnapshot().children;
    await Promise.any(
      [...(streams ? streamsRunBy(streams) : [])].map((stream) =>
        waitFor(stream, ({ value }) => value === 'backingOff'),
      ),
    );
    await Promise.resolve();
    expect(entries.at(-1)).toMatchObject({ level: 'warn', errorType: '503', userId: seen.box.users[0]?.id });
    actor.stop();
  });

  test('each that has failed for good is named', async () => {
    const { actor } = followAll();
    logStreams(actor, write);
    await startAll();
    seen.box.setFault({ what: 'revokeToken' });
    for (const { id } of seen.box.users) seen.box.publish({}, { userId: id });
    await waitFor(actor, ({ context }) => context.following.length === 0);
    const failed = entries.filter(({ level }) => level === 'error');
    expect(failed.map(({ userId }) => userId).sort()).toEqual(seen.box.users.map(({ id }) => id).sort());
    actor.stop();
  });

  test('what was gathered is written when they are stopped all at once, and no timer is left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { actor } = followAll();
    logStreams(actor, write);
    await startAll();
    actor.stop();
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
    expect(messages()).toContain('info: stream has stopped');
    expect(
      entries.reduce(
        (sum, { message, streams = 1 }) => (message.endsWith('stopped') ? sum + streams : sum),
        0,
      ),
    ).toBe(5);
  });
});

test('no entry holds a token, a channel, or anything of an event', async () => {
  const { box } = seen;
  const stream = follow(seen, { streamPosition: '0' });
  logStreams(stream.actor, write, { gatherFor: 0 });
  await stream.rests();
  box.setFault({
    what: 'status',
    on: 'events',
    body: `{"code":"x","message":"The token ${box.token} is bad."}`,
  });
  const { event_id: id } = box.publish({ source: { type: 'file', name: 'secret.txt' } });
  await stream.reaches('backingOff');
  box.setFault({ what: 'reset', on: 'poll' });
  const channel = new URL(stream.actor.getSnapshot().context.servers[0]?.url ?? '').searchParams.get(
    'channel',
  );
  seen.clock.increment(2_000);
  await stream.reaches('backingOff');
  stream.actor.stop();
  await vi.waitFor(() => expect(messages()).toContain('info: stream has stopped'));
  const said = JSON.stringify(entries);
  expect(said).toContain('(token)');
  for (const secret of [box.token, channel, id, 'secret.txt']) expect(said).not.toContain(secret);
});

test('a logger that throws leaves the stream alone', async () => {
  using uncaught = catchUncaught();
  const stream = follow(seen);
  logStreams(stream.actor, () => {
    throw new Error('The disk of the log is full.');
  });
  await stream.reaches('polling');
  await vi.waitFor(() =>
    expect(uncaught.thrown).toMatchObject([{ message: 'The disk of the log is full.' }]),
  );
  expect(stream.actor.getSnapshot().status).toBe('active');
  stream.actor.stop();
  await vi.waitFor(() => expect(uncaught.thrown).toHaveLength(2));
});

test('a wrong option, or what is no actor, is refused', () => {
  // @ts-expect-error A loop is not its actor.
  expect(() => logStreams({}, write)).toThrow(/events\.actor/);
  const { actor } = follow(seen);
  // @ts-expect-error It writes nothing.
  expect(() => logStreams(actor)).toThrow(/write/);
  expect(() => logStreams(actor, write, { gatherFor: -1 })).toThrow(/gatherFor/);
  actor.stop();
});
