import { afterEach, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import type { BoxEvent } from '../machines/box-event.ts';
import type { ServicesOptions } from '../src/services.ts';
import {
  type Fault,
  type FaultName,
  faults,
  type Simulator,
  type SimulatorEvent,
} from '../src/simulator/index.ts';
import { follow, simulatedBox } from './support/stream.ts';

const minute = 60_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: Partial<ServicesOptions> = {}) => {
  const surroundings = await simulatedBox({ maxRetries: 4 });
  const { box } = surroundings;
  const token: ServicesOptions['token'] = ({ refused }) =>
    refused === undefined ? box.token : box.issueToken() || box.token;
  const stream = follow(surroundings, {}, { token, limit: 7, requestTimeout: 150, ...options });
  closing.push(
    () => stream.actor.stop(),
    () => box.stop(),
  );
  await stream.rests();
  return { ...surroundings, stream };
};

/** What tells one published event from another, whatever a fault leaves of it. */
const identityOf = ({ event_id, description }: SimulatorEvent | BoxEvent) => event_id ?? description;
let published = 0;
const publish = (box: Simulator, count: number) =>
  Array.from({ length: count }, () => box.publish({ description: `number ${++published}` }));

/** Publishes a few events, and lets time pass, again and again. */
const live = async (
  { box, stream }: Awaited<ReturnType<typeof start>>,
  { rounds, pause }: { rounds: number; pause: number },
) => {
  const events = [];
  for (let round = 0; round < rounds; round++) {
    events.push(...publish(box, round % 3 === 0 ? 18 : 2));
    await stream.passes(pause, 500);
  }
  // As long as a back-off may still last.
  await stream.passes(31_000, 500);
  await stream.rests();
  return events;
};

const expectAllDelivered = (
  { box, stream }: Awaited<ReturnType<typeof start>>,
  events: readonly SimulatorEvent[],
  order: 'in order' | 'in any order' = 'in order',
) => {
  const delivered = stream.delivered.map(identityOf);
  const expected = events.map(({ event_id, description }) =>
    delivered.includes(event_id) ? event_id : description,
  );
  expect(order === 'in order' ? delivered : delivered.toSorted()).toEqual(
    order === 'in order' ? expected : expected.toSorted(),
  );
  expect(stream.position).toBe(box.positionOf());
};

const expectGoodManners = ({ box }: Awaited<ReturnType<typeof start>>) => {
  const { strayTokens, elsewhere, earlyRetries, busiestSecond } = box.report;
  expect({ strayTokens, elsewhere, earlyRetries }).toEqual({ strayTokens: 0, elsewhere: 0, earlyRetries: 0 });
  expect(Math.max(busiestSecond.servers, busiestSecond.poll, busiestSecond.events)).toBeLessThanOrEqual(10);
};

const passing: [FaultName, Partial<Fault>?][] = [
  ['refuse'],
  ['refuse', { on: 'poll' }],
  ['refuse', { on: 'events' }],
  ['move', { on: 'poll' }],
  ['reset'],
  ['reset', { every: 2 }],
  ['resetInBody'],
  ['resetInChunks'],
  ['silence', { on: ['servers', 'events'] }],
  ['silenceInBody', { on: ['servers', 'events'] }],
  ['gzip'],
  ['status', { status: 500 }],
  ['status', { status: 503, every: 3 }],
  ['status', { status: 408 }],
  ['status', { status: 429, retryAfter: 20 }],
  ['status', { status: 429, retryAfter: 20, retryAfterAs: 'date' }],
  ['status', { status: 503, retryAfter: 20, on: 'poll' }],
  ['status', { status: 400, on: 'poll' }],
  ['body', { body: '[1,2,3]' }],
  ['html'],
  ['empty'],
  ['emptyObject'],
  ['null'],
  ['cut'],
  ['wrongTypes'],
  ['redirect'],
  ['unknownMessage'],
  ['newChange'],
  ['newChange', { nth: 1 }],
  ['reconnect'],
  ['maxRetries'],
  ['unknownChannel'],
  ['ignorePosition'],
  ['deadServer', { until: 2 * minute }],
  ['noServers', { until: 2 * minute }],
  ['expireToken', { nth: 1 }],
  ['expireToken', { every: 2 }],
  ['repeatTail'],
  ['repeatOld'],
  ['shortPage'],
  ['longPage'],
  ['duplicatesOnly', { every: 2 }],
  ['emptyPage', { every: 2 }],
  ['emptyPage', { until: 20_000 }],
  ['withoutId'],
  ['missingFields'],
  ['unknownFields'],
  ['nullFields'],
  ['positionAsNumber'],
  ['positionAsString'],
];

describe('nothing is lost, repeated or put out of order, no token strays, nothing spins', () => {
  test.each(passing)('under %s %o, for a minute and after it', async (what, how = {}) => {
    const run = await start();
    run.box.setFault({ what, until: minute, ...how });
    const events = await live(run, { rounds: 6, pause: 20_000 });
    expectAllDelivered(run, events);
    expectGoodManners(run);
    expect(run.box.report.faults[what], 'how often it was met').toBeGreaterThan(0);
    expect(run.stream.actor.getSnapshot().matches('polling')).toBe(true);
  });

  test.each<FaultName>(['reorder', 'holdBack'])(
    'under %s everything arrives, though not in order',
    async (what) => {
      const run = await start();
      run.box.setFault({ what, until: minute });
      const events = await live(run, { rounds: 6, pause: 20_000 });
      await run.stream.passes(6 * minute, 1_000);
      expect(run.box.report.faults[what], 'how often it was met').toBeGreaterThan(0);
      expectAllDelivered(run, events, 'in any order');
      expectGoodManners(run);
    },
  );

  test.each<FaultName>(['deadPoll', 'silence'])(
    'a poll that meets %s is made again after retry_timeout',
    async (what) => {
      const run = await start();
      const { box, clock, stream } = run;
      box.setFault({ what, on: 'poll', until: minute });
      clock.increment(1);
      const events = publish(box, 1);
      await box.until(() => box.heldPolls === 0);
      clock.increment(610_000);
      await waitFor(stream.actor, () => stream.delivered.length === 1);
      await stream.rests();
      expectAllDelivered(run, events);
      expectGoodManners(run);
    },
  );

  test('a poll whose answer stops in the middle of its body is made again after retry_timeout', async () => {
    const run = await start();
    const { box, clock, stream } = run;
    box.setFault({ what: 'silenceInBody', on: 'poll', nth: 1 });
    clock.increment(300_000);
    await stream.reaches('fetchingEvents');
    await stream.reaches('polling');
    const events = publish(box, 1);
    await box.until(() => box.requests.at(-1)?.kind === 'poll' && box.requests.at(-1)?.status === 200);
    clock.increment(610_000);
    await waitFor(stream.actor, () => stream.delivered.length === 1);
    expectAllDelivered(run, events);
  });

  test('every fault of the simulator is met here', () => {
    const met = new Set<string>(passing.map(([what]) => what));
    const elsewhere = ['reorder', 'holdBack', 'deadPoll', 'latency', 'drip', 'revokeToken'];
    expect(
      Object.keys(faults)
        .filter((what) => !met.has(what))
        .sort(),
    ).toEqual(elsewhere.sort());
  });
});

describe('a slow server', () => {
  test.each<Fault>([
    { what: 'latency', milliseconds: 60 },
    { what: 'drip', bytesPerSecond: 20_000 },
  ])('$what delays, and loses nothing', async (fault) => {
    const run = await start({ requestTimeout: 30_000 });
    const { box, clock, stream } = run;
    box.setFault(fault);
    const events = publish(box, 9);
    while (stream.delivered.length < events.length) {
      clock.increment(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expectAllDelivered(run, events);
  });
});

describe('what recovers', () => {
  test('recovers as soon as the delay allows, and the delay grows while the fault lasts', async () => {
    const run = await start();
    const { box, stream } = run;
    box.setFault({ what: 'status', on: ['servers', 'events'], until: 2 * minute });
    publish(box, 1);
    await stream.passes(2 * minute, 500);
    const delays = stream.retries().map(({ delay }) => delay);
    expect(delays.at(-1)).toBeGreaterThan(8 * (delays[0] ?? 0));
    await stream.passes(30_000, 500);
    await stream.rests();
    expect(stream.delivered).toHaveLength(1);
  });
});

describe('what cannot pass ends the stream with a clear error, after two requests at most', () => {
  test.each<[string, Fault, RegExp]>([
    ['a token that was revoked', { what: 'revokeToken' }, /401.*expired, was revoked/],
    ['403', { what: 'status', on: ['servers', 'events'], status: 403 }, /403.*scopes/],
    ['400', { what: 'status', on: ['servers', 'events'], status: 400 }, /400.*stream position/],
    ['404', { what: 'status', on: ['servers', 'events'], status: 404 }, /404.*apiUrl/],
  ])('%s', async (_, fault, message) => {
    const { box, stream } = await start();
    const asked = box.requests.length;
    box.setFault(fault);
    box.publish();
    const snapshot = await waitFor(stream.actor, ({ status }) => status === 'error').catch(() =>
      stream.actor.getSnapshot(),
    );
    expect(snapshot.error).toMatchObject({ message: expect.stringMatching(message), transient: false });
    expect(box.requests.length - asked).toBeLessThanOrEqual(2);
  });
});
