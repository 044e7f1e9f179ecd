import { metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AnyActor, createActor, fromPromise, type SimulatedClock, setup, waitFor } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { boxUsersMachine } from '../machines/box-users.machine.ts';
import { createUserStreams } from '../machines/user-streams.ts';
import { boxEventsFor, createServices, type RealtimeServer, type ServersInput } from '../src/index.ts';
import { observeMetrics } from '../src/metrics/index.ts';
import type { Fault, Simulator } from '../src/simulator/index.ts';
import { createMeter } from './support/metrics.ts';
import { follow, simulatedBox } from './support/stream.ts';
import { catchUncaught } from './support/uncaught.ts';
import { followUsers } from './support/users.ts';

let seen: { box: Simulator; clock: SimulatedClock };
let meter: ReturnType<typeof createMeter>;
beforeEach(async () => {
  seen = await simulatedBox({ users: 3 });
  meter = createMeter();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await seen.box.stop();
});

/** A stream of the first user that is measured from its beginning. */
const measured = (options: Parameters<typeof follow>[2] = {}) => {
  const stream = follow(seen, { streamPosition: '0' }, options);
  observeMetrics(stream.actor, meter);
  return stream;
};

const publish = (count: number) => {
  for (let number = 0; number < count; number++) seen.box.publish();
};

const inState = (state: string) =>
  meter.read('box_events.stream.count', { 'box_events.stream.state': state });

describe('what was delivered', () => {
  test('counts once it is handled, and not before', async () => {
    const handled = Promise.withResolvers<void>();
    publish(3);
    const stream = measured({ deliver: () => handled.promise });
    await stream.reaches('delivering');
    expect(await meter.read('box_events.delivered.events')).toBe(0);
    handled.resolve();
    await stream.reaches('polling');
    expect(await meter.read('box_events.delivered.events')).toBe(3);
    expect(await meter.read('box_events.delivered.pages')).toBe(1);
    expect(await meter.read('box_events.delivery.duration')).toBe(1);
    stream.actor.stop();
  });

  test('counts what Box repeats once', async () => {
    publish(2);
    const stream = measured();
    await stream.reaches('polling');
    seen.box.setFault({ what: 'repeatTail' });
    seen.box.publish();
    await stream.reaches('fetchingEvents');
    await stream.reaches('polling');
    expect(await meter.read('box_events.delivered.events')).toBe(3);
    stream.actor.stop();
  });
});

describe('requests', () => {
  test('to the API and polls have a duration, by kind and by answer', async () => {
    const stream = measured();
    await stream.rests();
    seen.box.publish();
    await stream.reaches('fetchingEvents');
    await stream.rests();
    seen.clock.increment(300_000);
    await stream.reaches('fetchingServers');
    await stream.rests();
    const requests = (type: string) =>
      meter.read('box_events.request.duration', { 'box_events.request.type': type });
    const polls = (answer: string) =>
      meter.read('box_events.poll.duration', { 'box_events.poll.answer': answer });
    expect([await requests('servers'), await requests('events')]).toEqual([2, 3]);
    expect([await polls('new_change'), await polls('reconnect')]).toEqual([1, 1]);
    stream.actor.stop();
  });

  test('that met with silence are polls that timed out', async () => {
    const stream = measured();
    await stream.reaches('polling');
    seen.box.setFault({ what: 'deadPoll' });
    seen.clock.increment(610_000);
    await stream.reaches('fetchingEvents');
    expect(await meter.read('box_events.poll.duration', { 'error.type': 'timeout' })).toBe(1);
    stream.actor.stop();
  });

  test('of many users take as long as Box takes, however long they waited for their turn', async () => {
    let elapsed = 0;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + elapsed);
    const { box } = seen;
    for (const { id } of box.users) box.publish({}, { userId: id });
    const events = boxEventsFor({
      ...{ users: box.users.map(({ id }) => ({ userId: id, streamPosition: '0' })), pagesInMemory: 1 },
      ...{ token: box.serviceToken, asUser: true, apiUrl: box.apiUrl, startsPerSecond: 1_000 },
      onFailed: ({ error }) => {
        throw error;
      },
    });
    observeMetrics(events.actor, meter);
    let handled = 0;
    for await (const _ of events) {
      // The others have asked for a place meanwhile, and wait for it.
      await waitFor(events.actor, ({ context }) => context.following.length === 3);
      await vi.waitFor(async () => expect(await inState('fetchingEvents')).toBe(2 - handled));
      elapsed += 1_000_000;
      if (++handled === 3) break;
    }
    const attributes = { 'box_events.request.type': 'events' };
    expect(await meter.read('box_events.request.duration', attributes)).toBeGreaterThanOrEqual(3);
    expect(await meter.sum('box_events.request.duration', attributes)).toBeLessThan(1_000);
  });
});

describe('failures', () => {
  const failing: [Fault, string, string][] = [
    [{ what: 'status', on: 'servers', status: 503 }, 'servers', '503'],
    [{ what: 'status', on: 'events', status: 429, retryAfter: 1 }, 'events', '429'],
    [{ what: 'reset', on: 'events' }, 'events', 'ECONNRESET'],
    [{ what: 'html', on: 'servers' }, 'servers', 'invalid_answer'],
    [{ what: 'unknownChannel' }, 'poll', '404'],
    [{ what: 'reconnect' }, 'poll', 'no_news'],
  ];
  test.each(failing)('that may pass are retries, by request and kind: %j', async (fault, request, kind) => {
    seen.box.setFault(fault);
    const stream = measured();
    await stream.reaches('backingOff');
    expect(await meter.attributesOf('box_events.retries')).toEqual([
      { 'box_events.request.type': request, 'error.type': kind },
    ]);
    expect(await meter.read('box_events.retries')).toBe(1);
    expect(await inState('backingOff')).toBe(1);
    stream.actor.stop();
  });

  test('of a request have a duration by kind, too', async () => {
    const ended = seen.box.setFault({ what: 'status', on: 'events', status: 500 });
    const stream = measured();
    await stream.reaches('backingOff');
    await ended();
    const attributes = { 'box_events.request.type': 'events', 'error.type': '500' };
    expect(await meter.read('box_events.request.duration', attributes)).toBe(1);
    stream.actor.stop();
  });

  test('that will not pass end a stream, which is counted, and leave it out of the others', async () => {
    const users = followUsers(seen, {
      users: seen.box.users.map(({ id }) => ({ userId: id })),
      startsPerSecond: 1_000,
    });
    observeMetrics(users.actor, meter);
    for (let start = 0; start < 3; start++) seen.clock.increment(1);
    await seen.box.until(() => seen.box.heldPolls === 3);
    seen.box.setFault({ what: 'revokeToken', userId: seen.box.users[1]?.id ?? '' });
    seen.box.publish({}, { userId: seen.box.users[1]?.id ?? '' });
    await waitFor(users.actor, ({ context }) => context.following.length === 2);
    expect(await meter.attributesOf('box_events.stream.failures')).toEqual([
      { 'box_events.request.type': 'events', 'error.type': '401' },
    ]);
    expect(await inState('polling')).toBe(2);
    users.actor.stop();
  });

  test('of the app have the name of its error, and nothing that it says', async () => {
    class DiskFullError extends Error {
      override readonly name = 'DiskFullError';
    }
    publish(1);
    const stream = measured({ deliver: () => Promise.reject(new DiskFullError('No room for secret.txt')) });
    await expect(waitFor(stream.actor, () => false)).rejects.toThrow();
    expect(await meter.attributesOf('box_events.stream.failures')).toEqual([
      { 'error.type': 'DiskFullError' },
    ]);
  });

  test.each(['by itself', 'among others'])(
    'within a step of the chart, as services without a server cause, are counted, too: %s',
    async (how) => {
      const services = createServices({ token: seen.box.token, apiUrl: seen.box.apiUrl });
      const fetchServers = fromPromise<readonly RealtimeServer[], ServersInput>(async () => []);
      const stream = boxEventsMachine.provide({ actors: { ...services, fetchServers } });
      const actor: AnyActor =
        how === 'by itself'
          ? createActor(stream)
          : createActor(boxUsersMachine.provide({ actors: { streams: createUserStreams(stream) } }), {
              input: { users: [{ userId: '1' }] },
            });
      actor.subscribe({ error: () => {} });
      observeMetrics(actor, meter);
      actor.start();
      await vi.waitFor(async () => expect(await meter.read('box_events.stream.count')).toBe(0));
      expect(await meter.read('box_events.stream.failures', { 'error.type': 'Error' })).toBe(1);
      actor.stop();
    },
  );
});

describe('streams', () => {
  test('are counted by state: those that wait, that come later, that end', async () => {
    const users = followUsers(seen, { startsPerSecond: 1 });
    observeMetrics(users.actor, meter);
    for (const { id } of seen.box.users) users.actor.send({ type: 'follow', userId: id });
    await seen.box.until(() => seen.box.heldPolls === 1);
    expect([await inState('waiting'), await inState('polling')]).toEqual([2, 1]);
    for (let start = 0; start < 2; start++) seen.clock.increment(1_000);
    await seen.box.until(() => seen.box.heldPolls === 3);
    expect([await inState('waiting'), await inState('polling')]).toEqual([0, 3]);
    users.actor.send({ type: 'unfollow', userId: seen.box.users[0]?.id ?? '' });
    await waitFor(users.actor, ({ context }) => context.following.length === 2);
    expect(await inState('polling')).toBe(2);
    users.actor.stop();
    expect(await inState('polling')).toBe(0);
  });

  test('that ran already when they are observed are counted, too', async () => {
    const stream = follow(seen);
    await stream.reaches('polling');
    observeMetrics(stream.actor, meter);
    expect(await inState('polling')).toBe(1);
    stream.actor.stop();
  });

  test('that an app spawns in a machine of its own are counted by its actor', async () => {
    const services = createServices({ token: seen.box.token, apiUrl: seen.box.apiUrl });
    const stream = boxEventsMachine.provide({ actors: services });
    const machine = setup({ actors: { stream }, types: { events: {} as { type: 'begin' } } }).createMachine({
      ...{
        initial: 'idle',
        states: { idle: { on: { begin: 'running' } }, running: { invoke: { src: 'stream' } } },
      },
    });
    const app = createActor(machine).start();
    observeMetrics(app, meter);
    app.send({ type: 'begin' });
    await seen.box.until(() => seen.box.heldPolls === 1);
    expect(await inState('polling')).toBe(1);
    app.stop();
  });

  test('of several actors are summed up', async () => {
    const streams = [measured(), measured()];
    for (const stream of streams) await stream.reaches('polling');
    expect(await inState('polling')).toBe(2);
    for (const stream of streams) stream.actor.stop();
    expect(await inState('polling')).toBe(0);
  });

  test('are behind by the age of the oldest event in hand, also between two pages, until they are caught up', async () => {
    const handled = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    for (const hours of [3, 5, 1, 1]) seen.box.publish({ created_at: hoursAgo(hours) });
    let page = 0;
    const stream = measured({ limit: 2, deliver: () => handled[page++]?.promise ?? Promise.resolve() });
    const hoursBehind = async () => Math.round((await meter.read('box_events.stream.lag')) / 3_600);
    await stream.reaches('delivering');
    expect(await hoursBehind()).toBe(5);
    seen.box.setFault({ what: 'status', on: 'events', nth: 1 });
    handled[0]?.resolve();
    await stream.reaches('backingOff');
    expect(await hoursBehind()).toBe(3);
    seen.clock.increment(2_000);
    await stream.reaches('delivering');
    expect(await hoursBehind()).toBe(1);
    handled[1]?.resolve();
    await stream.reaches('polling');
    expect(await meter.read('box_events.stream.lag')).toBe(0);
    stream.actor.stop();
  });

  test('are behind since a change was announced, when Box does not give it', async () => {
    const stream = measured();
    await stream.reaches('polling');
    const end = seen.box.setFault({ what: 'status', on: 'events' });
    seen.box.publish();
    await stream.reaches('backingOff');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    expect(await meter.read('box_events.stream.lag')).toBeGreaterThanOrEqual(3_600);
    await end();
    seen.clock.increment(2_000);
    await stream.reaches('polling');
    expect(await meter.read('box_events.stream.lag')).toBe(0);
    stream.actor.stop();
  });

  test('make progress with each page, and not with requests that only lead to one', async () => {
    let elapsed = 0;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + elapsed);
    const minutesWithout = async () =>
      Math.floor((await meter.read('box_events.stream.time_since_progress')) / 60);
    const stream = measured();
    await stream.reaches('polling');
    expect(await minutesWithout()).toBe(0);
    elapsed += 7 * 60_000;
    expect(await minutesWithout()).toBe(7);
    const ended = seen.box.setFault({ what: 'status', on: 'events' });
    seen.box.publish();
    await stream.reaches('backingOff');
    expect(await minutesWithout()).toBe(7);
    await ended();
    seen.clock.increment(2_000);
    await stream.reaches('delivering');
    await stream.reaches('polling');
    expect(await minutesWithout()).toBe(0);
    elapsed += 60_000;
    stream.actor.send({ type: 'pause' });
    expect(await minutesWithout()).toBe(0);
    stream.actor.stop();
  });
});

test('no attribute holds a token, a channel, a position, or the id of a user', async () => {
  const { box } = seen;
  const users = followUsers(seen, {
    users: box.users.map(({ id }) => ({ userId: id, streamPosition: '0' })),
    startsPerSecond: 1_000,
  });
  observeMetrics(users.actor, meter);
  for (let start = 0; start < 3; start++) seen.clock.increment(1);
  await box.until(() => box.heldPolls === 3);
  box.setFault({
    what: 'status',
    on: 'events',
    body: `{"code":"${box.serviceToken}","message":"${box.users[0]?.id}"}`,
  });
  for (const { id } of box.users) box.publish({}, { userId: id });
  await vi.waitFor(async () => expect(await inState('backingOff')).toBe(3));
  const attributes = (await meter.all()).flatMap(({ dataPoints }) =>
    dataPoints.map((point) => point.attributes),
  );
  const values = new Set(attributes.flatMap((each) => Object.values(each)));
  expect([...values].filter((value) => !/^([A-Za-z_]+|[1-5]\d\d)$/.test(String(value)))).toEqual([]);
  expect(attributes.length).toBeGreaterThan(8);
  users.actor.stop();
});

test('once it is ended nothing more is measured, and no stream is shown', async () => {
  const stream = follow(seen, { streamPosition: '0' });
  const end = observeMetrics(stream.actor, meter);
  await stream.reaches('polling');
  const pages = await meter.read('box_events.delivered.pages');
  end();
  end();
  seen.box.publish();
  await stream.reaches('fetchingEvents');
  await stream.reaches('polling');
  expect(await meter.read('box_events.delivered.pages')).toBe(pages);
  expect(await meter.read('box_events.stream.count')).toBe(0);
  stream.actor.stop();
});

test('a meter that throws leaves the stream alone', async () => {
  using uncaught = catchUncaught();
  const failing = meter.meterProvider.getMeter('failing');
  failing.createCounter = () => ({
    add() {
      throw new Error('The meter is broken.');
    },
  });
  const stream = follow(seen);
  observeMetrics(stream.actor, { meterProvider: { getMeter: () => failing } });
  await stream.reaches('polling');
  await vi.waitFor(() => expect(uncaught.thrown).toMatchObject([{ message: 'The meter is broken.' }]));
  expect(stream.actor.getSnapshot().status).toBe('active');
  stream.actor.stop();
});

test('without a meter provider, the global one is taken', async () => {
  metrics.setGlobalMeterProvider(meter.meterProvider);
  try {
    const stream = follow(seen);
    observeMetrics(stream.actor);
    await stream.reaches('polling');
    expect(await inState('polling')).toBe(1);
    stream.actor.stop();
  } finally {
    metrics.disable();
  }
});

test('every metric has a unit and a description, and a name of ours', async () => {
  const stream = measured();
  await stream.reaches('polling');
  const all = await meter.all();
  expect(all.length).toBeGreaterThan(5);
  for (const { descriptor } of all) {
    expect(descriptor.name).toMatch(/^box_events(\.[a-z]+(_[a-z]+)*)+$/);
    expect(descriptor.unit).toMatch(/^(s|\{[a-z]+\})$/);
    expect(descriptor.description).toMatch(/\.$/);
  }
  stream.actor.stop();
});

test('what is no actor is refused', () => {
  // @ts-expect-error A loop is not its actor.
  expect(() => observeMetrics({})).toThrow(/events\.actor/);
});
