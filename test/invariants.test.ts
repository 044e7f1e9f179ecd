import { afterEach, describe, expect, test } from 'vitest';
import { toPromise, waitFor } from 'xstate';
import { resumeFrom } from '../machines/resume-from.ts';
import type { Answer, SimulatorOptions } from '../src/simulator/index.ts';
import { busiestSecond, follow, simulatedBox } from './support/stream.ts';

const open: { actor: { stop(): unknown } }[] = [];
const boxes: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const { actor } of open.splice(0)) actor.stop();
  await Promise.all(boxes.splice(0).map((box) => box.stop()));
});

const start = async (options?: SimulatorOptions, ...rest: [input?: object, options?: object]) => {
  const surroundings = await simulatedBox(options);
  boxes.push(surroundings.box);
  const stream = follow(surroundings, ...rest);
  open.push(stream);
  return { ...surroundings, stream };
};

const reconnecting: Answer = { status: 200, body: { version: 1, message: 'reconnect' } };
const changing: Answer = { status: 200, body: { version: 1, message: 'new_change' } };
const busy: Answer = { status: 503 };

/** A stream of two events a page whose consumer holds the first page that has any. */
const startHolding = async () => {
  const delivery = Promise.withResolvers<void>();
  const started = await start(
    {},
    {},
    {
      limit: 2,
      deliver: (page: { events: unknown[] }) =>
        page.events.length > 0 ? delivery.promise : Promise.resolve(),
    },
  );
  await started.stream.rests();
  return { ...started, delivery };
};

describe('(1) every event after the starting position is delivered, in order, whatever fails in between', () => {
  const publishedIds = (box: { publish(): { event_id?: unknown } }, count: number) =>
    Array.from({ length: count }, () => box.publish().event_id);

  test.each<[string, (turn: number, kind: string) => Answer | undefined]>([
    ['nothing fails', () => undefined],
    ['every third request is answered with 503', (turn) => (turn % 3 === 0 ? busy : undefined)],
    ['every fourth request is reset', (turn) => (turn % 4 === 0 ? 'reset' : undefined)],
    [
      'every third answer is a hotel portal',
      (turn) => (turn % 3 === 0 ? { status: 200, body: '<html>' } : undefined),
    ],
    ['every poll is answered reconnect at once', (_, kind) => (kind === 'poll' ? reconnecting : undefined)],
    ['every poll fails', (_, kind) => (kind === 'poll' ? busy : undefined)],
  ])('when %s', async (_, fault) => {
    const { box, stream } = await start({ maxRetries: 2 }, {}, { limit: 7 });
    await waitFor(stream.actor, () => stream.emitted.some(({ type }) => type === 'position'));
    let turn = 0;
    box.intercept = ({ kind }) => fault(++turn, kind);
    const ids = [];
    for (let round = 0; round < 5; round++) {
      ids.push(...publishedIds(box, 10));
      await stream.passes(31_000, 500);
    }
    await stream.rests();
    expect(stream.ids()).toEqual(ids);
    expect(stream.position).toBe(box.positionOf());
  });

  test('a change that is never announced waits at most for the end of one poll', async () => {
    const { box, clock, stream } = await start();
    await stream.rests();
    box.intercept = ({ kind }) => (kind === 'poll' ? 'silence' : undefined);
    clock.increment(610_000);
    await stream.reaches('polling');
    await box.until(() => box.requests.at(-1)?.kind === 'poll');
    const { event_id } = box.publish();
    clock.increment(610_000);
    await stream.reaches('polling');
    expect(stream.ids()).toEqual([event_id]);
  });

  test('a stream that is resumed from any snapshot goes on where it was, and repeats nothing that was delivered', async () => {
    const { box, clock, stream } = await start({}, {}, { limit: 3 });
    await stream.rests();
    const snapshots = new Set<string>();
    stream.actor.subscribe(() => snapshots.add(JSON.stringify(stream.actor.getPersistedSnapshot())));
    for (let count = 0; count < 8; count++) box.publish();
    await waitFor(stream.actor, () => stream.delivered.length === 8);
    stream.actor.send({ type: 'stop' });
    await toPromise(stream.actor);

    for (const snapshot of snapshots) {
      const input = resumeFrom(JSON.parse(snapshot));
      const before = input.recent;
      const resumed = follow({ box, clock }, input);
      open.push(resumed);
      await resumed.rests();
      expect([...before, ...resumed.ids()]).toEqual(stream.ids());
    }
    expect(snapshots.size).toBeGreaterThan(5);
  });
});

describe('(2) the committed position never runs ahead of delivery', () => {
  test('while a page is being delivered the position stays, and nothing is asked', async () => {
    const { box, stream, delivery } = await startHolding();
    const before = stream.position;
    box.publish();
    await stream.reaches('delivering');
    const asked = box.requests.length;
    box.publish();
    expect(stream.position).toBe(before);
    expect(resumeFrom(stream.actor.getSnapshot())).toMatchObject({ streamPosition: before, recent: [] });
    delivery.resolve();
    await waitFor(stream.actor, () => stream.delivered.length === 2);
    expect(box.requests.length).toBeGreaterThan(asked);
    expect(stream.position).not.toBe(before);
  });

  test('while a page full of news is being delivered the position stays, and the next page alone is asked for', async () => {
    const { box, stream, delivery } = await startHolding();
    const before = stream.position;
    const asked = box.requests.length;
    for (let count = 0; count < 9; count++) box.publish();
    await waitFor(stream.actor, ({ context }) => context.nextPage !== null);
    expect(box.requests.slice(asked).map(({ kind }) => kind)).toEqual(['events', 'events']);
    expect(stream.position).toBe(before);
    const snapshot = JSON.parse(JSON.stringify(stream.actor.getPersistedSnapshot()));
    expect(resumeFrom(snapshot)).toMatchObject({ streamPosition: before, recent: [] });
    delivery.resolve();
    await waitFor(stream.actor, () => stream.delivered.length === 9);
    expect(stream.ids()).toEqual(box.eventsOf(box.users[0]?.id ?? '').map(({ event_id }) => event_id));
  });

  test('a page whose delivery fails is delivered again by the stream that takes over', async () => {
    const { box, clock, stream } = await start(
      {},
      {},
      {
        deliver: (page: { events: unknown[] }) =>
          page.events.length > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve(),
      },
    );
    await stream.rests();
    const { event_id } = box.publish();
    await expect(toPromise(stream.actor)).rejects.toThrow('disk full');
    const next = follow({ box, clock }, resumeFrom(stream.actor.getSnapshot()));
    open.push(next);
    await next.rests();
    expect(next.ids()).toEqual([event_id]);
  });
});

describe('(3) when faults end, the chart returns to polling', () => {
  test.each(['servers', 'poll', 'events'])('after a long failure of %s', async (failing) => {
    const { box, clock, stream } = await start();
    await stream.rests();
    box.intercept = ({ kind }) => (kind === failing ? busy : undefined);
    if (failing === 'poll') box.publish();
    else clock.increment(610_000);
    await stream.passes(120_000);
    box.intercept = undefined;
    await stream.passes(31_000);
    await stream.rests();
    expect(stream.actor.getSnapshot().matches('polling')).toBe(true);
    await stream.passes(3_000);
    expect(stream.actor.getSnapshot().context).toMatchObject({ attempt: 0, fruitless: 0 });
  });
});

describe('(4) nothing spins: no cycle without a new event or a delay', () => {
  test.each<[string, (kind: string) => Answer | undefined]>([
    ['the API fails', (kind) => (kind === 'poll' ? undefined : busy)],
    ['the realtime server fails', (kind) => (kind === 'poll' ? busy : undefined)],
    ['reconnect is answered at once', (kind) => (kind === 'poll' ? reconnecting : undefined)],
    [
      'max_retries is answered at once',
      (kind) => (kind === 'poll' ? { status: 400, body: { code: 'max_retries' } } : undefined),
    ],
    ['new_change is answered at once and there is none', (kind) => (kind === 'poll' ? changing : undefined)],
    [
      'the realtime server says something unknown',
      (kind) => (kind === 'poll' ? { status: 200, body: { message: '?' } } : undefined),
    ],
  ])('while %s, ten minutes see at most 40 requests of a kind, and 5 in a second', async (_, fault) => {
    const { box, stream } = await start();
    await stream.rests();
    box.intercept = ({ kind }) => fault(kind);
    const from = box.requests.length;
    box.publish();
    await stream.passes(600_000);
    for (const kind of ['servers', 'poll', 'events']) {
      const requests = box.requests.slice(from).filter((request) => request.kind === kind);
      expect(requests.length).toBeLessThanOrEqual(40);
      expect(busiestSecond(requests)).toBeLessThanOrEqual(5);
    }
    expect(stream.retries().length).toBeGreaterThan(10);
  });

  test('a healthy quiet stream never backs off', async () => {
    const { stream } = await start({ reconnectAfter: 60_000 });
    await stream.passes(600_000, 1_000);
    expect(stream.retries()).toEqual([]);
  });

  test('Retry-After is waited for, on the API and on the realtime host', async () => {
    for (const failing of ['servers', 'poll']) {
      const limited: Answer = { status: 429, headers: { 'retry-after': '90' } };
      const { box, clock, stream } = await start({
        intercept: ({ kind }) => (kind === failing ? limited : undefined),
      });
      await stream.reaches('backingOff');
      const failedAt = clock.now();
      await stream.passes(95_000);
      const next = box.requests.find(({ at, kind }) => at > failedAt && kind === 'servers');
      expect(next?.at).toBeGreaterThanOrEqual(failedAt + 90_000);
    }
  });
});

describe('(5, 6) one request in flight at most; leaving a state aborts its request', () => {
  /** The next page is asked for, and Box says nothing. */
  const startAhead = async () => {
    const started = await startHolding();
    const { box, clock } = started;
    let pages = 0;
    box.intercept = ({ kind }) => (kind === 'events' && ++pages === 2 ? 'silence' : undefined);
    for (let count = 0; count < 3; count++) box.publish();
    await box.until(() => pages === 2);
    const ahead = box.requests.at(-1);
    return { ...started, ahead, isAborted: () => box.until(() => ahead?.aborted === true), clock };
  };

  test('pause and stop abort the request for a next page, and wait for the delivery', async () => {
    for (const command of ['pause', 'stop'] as const) {
      const { box, clock, stream, delivery, isAborted } = await startAhead();
      stream.actor.send({ type: command });
      await isAborted();
      expect(stream.actor.getSnapshot().matches('delivering')).toBe(true);
      delivery.resolve();
      await waitFor(stream.actor, ({ value }) => value === 'paused' || value === 'stopped');
      expect(stream.delivered.length).toBe(2);
      const next = follow({ box, clock }, resumeFrom(stream.actor.getSnapshot()));
      open.push(next);
      await next.rests();
      expect(next.delivered.length).toBe(1);
    }
  });

  test('a delivery that fails, and the end of the actor, abort the request for a next page', async () => {
    const failing = await startAhead();
    failing.delivery.reject(new Error('disk full'));
    await expect(toPromise(failing.stream.actor)).rejects.toThrow('disk full');
    await failing.isAborted();

    const ending = await startAhead();
    ending.stream.actor.stop();
    await ending.isAborted();
  });

  test.each(['servers', 'poll', 'events'] as const)('pause and stop abort a request for %s', async (kind) => {
    for (const command of ['pause', 'stop'] as const) {
      const { box, stream } = await start();
      box.intercept = (request) => (request.kind === kind ? 'silence' : undefined);
      await box.until(() => box.requests.at(-1)?.kind === kind);
      stream.actor.send({ type: command });
      await box.until(() => box.requests.at(-1)?.aborted === true);
      expect(box.requests.at(-1)).toMatchObject({ kind, aborted: true });
    }
  });

  test('a poll that is silent for retryTimeout is aborted before the next request', async () => {
    const { box, clock, stream } = await start({ reconnectAfter: 3_600_000 });
    await stream.rests();
    const dead = box.requests.at(-1);
    clock.increment(610_000);
    await box.until(() => dead?.aborted === true);
    await stream.rests();
    expect(box.heldPolls).toBe(1);
  });

  test('requests never overlap', async () => {
    const { box, stream } = await start({}, {}, { limit: 2 });
    let inFlight = 0;
    let most = 0;
    const fetch = async (request: Request) => {
      most = Math.max(most, ++inFlight);
      return globalThis.fetch(request).finally(() => inFlight--);
    };
    const counted = follow(
      { box, clock: stream.actor.clock as never },
      { streamPosition: '0' },
      { fetch, limit: 2 },
    );
    open.push(counted);
    for (let count = 0; count < 9; count++) box.publish();
    await waitFor(counted.actor, () => counted.delivered.length === 9);
    expect(most).toBe(1);
  });
});

describe('(7) tokens and channels stay where they belong', () => {
  test('no token in a snapshot, an inspection event, an emitted event or an error; no channel outside context and children', async () => {
    const surroundings = await simulatedBox();
    boxes.push(surroundings.box);
    const { box } = surroundings;
    const stream = follow(surroundings);
    open.push(stream);
    const token = box.token;
    await stream.rests();
    const channel = /channel=(\w+)/.exec(box.requests.at(-1)?.url ?? '')?.[1] ?? '';
    expect(channel).not.toBe('');

    box.intercept = ({ kind, headers, url }) =>
      kind === 'events'
        ? {
            status: 500,
            body: { code: String(headers.authorization), message: `${headers.authorization} ${url}` },
          }
        : kind === 'poll'
          ? { status: 500, body: { code: url, message: url } }
          : undefined;
    box.publish();
    await stream.passes(120_000);
    expect(stream.retries().length).toBeGreaterThan(3);
    box.intercept = ({ headers }) => ({ status: 403, body: { message: `${headers.authorization}` } });
    await expect(async () => {
      await stream.passes(120_000);
    }).rejects.toThrow();

    const { inspect } = await import('node:util');
    const said = inspect([stream.emitted, stream.actor.getSnapshot().error], { depth: 20, showHidden: true });
    expect(said).not.toContain(token);
    expect(said).not.toContain(channel);
    expect(JSON.stringify(stream.actor.getPersistedSnapshot())).not.toContain(token);
  });
});
