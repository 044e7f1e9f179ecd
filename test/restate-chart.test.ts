import { TerminalError } from '@restatedev/restate-sdk';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AnyStateMachine, createActor, createMachine } from 'xstate';
import { BoxError } from '../machines/box-error.ts';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { describeFailure } from '../src/restate/failure.ts';
import { pureChart } from './support/pure-chart.ts';
import { objectAlone } from './support/restate-context.ts';

const servers = [{ url: 'http://127.0.0.1:1/subscribe?channel=x', maxRetries: 10, retryTimeout: 610_000 }];
const page = { events: [{ type: 'event', event_id: 'a' }], streamPosition: '6', isFull: false };
const unavailable = new BoxError('Box is busy.', { request: 'servers', transient: true, status: 503 });
const busy = new BoxError('Box is busy.', {
  request: 'servers',
  transient: true,
  status: 429,
  retryAfter: 9_000,
});

afterEach(() => vi.restoreAllMocks());

/** A stream on its way: `delivering` its first page. */
async function delivering(options?: Parameters<typeof objectAlone>[0]) {
  const object = await objectAlone(options).run('create', { input: { streamPosition: '5' } });
  await object.run('tell', object.outcome('resolve', servers));
  return object.run('tell', object.outcome('resolve', page));
}

/** A stream that holds a long poll. */
async function polling(options?: Parameters<typeof objectAlone>[0]) {
  const object = await delivering(options);
  return object.run('tell', object.outcome('resolve'));
}

test.each([
  [{ token: 'x', asUser: false }, 'One token is one user'],
  [{ token: '' }, 'token must be an access token'],
  [{ deliver: undefined }, 'deliver must be a function'],
  [{ apiUrl: 'box' }, 'apiUrl must be an http(s) URL'],
  [{ recentSize: 0 }, 'recentSize must be a whole number'],
])('%j is refused', (options, message) => {
  expect(() => objectAlone(options as object)).toThrow(message);
});

test('a step that Restate runs again asks the same of it, also where chance comes in', async () => {
  const object = await objectAlone().run('create');
  const failure = object.outcome('reject', describeFailure(unavailable));
  const asked = await object.rehearse('tell', failure);
  expect(asked).toContainEqual(expect.objectContaining({ handler: 'tell', delay: 625 }));
  vi.spyOn(Math, 'random').mockReturnValue(0.9);
  expect(await object.rehearse('tell', failure)).toEqual(asked);
});

test('failures are planned for as the chart does it', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.25);
  const chart = pureChart({ streamPosition: '5', userId: '17738362001', recentSize: 100 });
  const object = await objectAlone().run('create', { input: { streamPosition: '5' } });
  for (const error of [unavailable, busy, unavailable]) {
    chart.fails('fetchServers', error);
    await object.run('tell', object.outcome('reject', describeFailure(error)));
    expect(object.stream?.snapshot).toMatchObject({ value: 'backingOff', context: chart.context });
    chart.after('backoff');
    await object.run('tell', object.timer('backoff'));
  }
});

test('a step reads what is kept once, and writes it once, without input of promises', async () => {
  const object = await delivering();
  expect(object.commands.filter((command) => 'set' in command)).toHaveLength(1);
  expect(object.stream?.snapshot).toMatchObject({ context: { page: { events: page.events } } });
  expect(JSON.stringify(object.stream).split('"event_id"')).toHaveLength(2);
});

test('the page after a delivery waits for the end of its run, which a crash would have repeated', async () => {
  const object = await delivering();
  await object.run('tell', { ...object.outcome('resolve'), by: 'inv_of_delivery' });
  expect(object.commands[0]).toEqual({ ended: 'inv_of_delivery' });
  expect(object.started()).toEqual(['longPoll']);

  await object.run('tell', { ...object.outcome('resolve', { type: 'newChange' }), by: 'inv_of_poll' });
  expect(object.commands).not.toContainEqual({ ended: 'inv_of_poll' });
});

test('a run of a delivery that begins when it is over hands over nothing', async () => {
  const deliver = vi.fn();
  const object = await delivering({ deliver });
  const run = object.rehearse('invokePromise', object.promise, AbortSignal.abort());
  await expect(run).rejects.toThrow('The attempt is over.');
  expect(deliver).not.toHaveBeenCalled();
});

test('a page without events at the position that the stream has is nobody told of, and costs no step', async () => {
  const object = await polling();
  await object.run('tell', object.outcome('resolve', { type: 'reconnect' }));
  await object.run('tell', object.outcome('resolve', servers));
  await object.run('tell', object.outcome('resolve', { events: [], streamPosition: '6', isFull: false }));
  expect([object.started(), object.stream?.snapshot?.value]).toEqual([['longPoll'], 'polling']);

  // Nor of one that was fetched ahead.
  await object.run('tell', object.outcome('resolve', { type: 'newChange' }));
  const full = { events: [{ type: 'event', event_id: 'b' }], streamPosition: '7', isFull: true };
  await object.run('tell', object.outcome('resolve', full));
  expect(object.started().sort()).toEqual(['deliver', 'fetchEvents']);
  const [delivered, fetched] = ['deliver', 'fetchEvents'].map((src) => object.outcomeOf(src));
  await object.run('tell', fetched?.('resolve', { events: [], streamPosition: '7', isFull: false }));
  await object.run('tell', delivered?.('resolve'));
  expect([object.started(), object.stream?.snapshot?.value]).toEqual([['longPoll'], 'polling']);

  // A position that moves is worth knowing.
  await object.run('tell', object.outcome('resolve', { type: 'newChange' }));
  await object.run('tell', object.outcome('resolve', { events: [], streamPosition: '8', isFull: false }));
  expect(object.started()).toEqual(['deliver']);
});

test('a step is written if it changes anything', async () => {
  const object = await polling();
  await object.run('tell', object.timer('settled'));
  expect(object.commands).toEqual([]);

  const failed = await polling();
  const { snapshot } = failed.stream ?? {};
  if (snapshot) failed.keep({ snapshot: { ...snapshot, context: { ...snapshot.context, attempt: 2 } } });
  await failed.run('tell', failed.timer('settled'));
  expect(failed.stream?.snapshot?.context.attempt).toBe(0);
});

describe('what was awaited in a state that the chart has left', () => {
  test('a promise: its answer changes nothing', async () => {
    const object = await polling();
    const late = object.outcome('resolve', { type: 'newChange' });
    await object.run('send', { event: { type: 'pause' } });
    const kept = structuredClone(object.stream);
    await object.run('tell', late);
    expect([object.commands, object.stream]).toEqual([[], kept]);
    await object.run('send', { event: { type: 'resume' } });
    await object.run('tell', late);
    expect([object.commands, object.stream?.snapshot?.value]).toEqual([[], 'fetchingServers']);
  });

  test('a promise of an earlier time in the same state: its answer changes nothing', async () => {
    const object = await polling();
    const late = object.outcome('resolve', { type: 'newChange' });
    await object.run('tell', object.timer('retryTimeout'));
    await object.run('tell', object.outcome('resolve', page));
    await object.run('tell', object.outcome('resolve'));
    expect(object.stream?.snapshot?.value).toBe('polling');
    await object.run('tell', late);
    expect([object.commands, object.stream?.snapshot?.value]).toEqual([[], 'polling']);
  });

  test('a timer: it changes nothing', async () => {
    const object = await polling();
    const late = object.timer('retryTimeout');
    await object.run('tell', object.outcome('resolve', { type: 'newChange' }));
    await object.run('tell', late);
    expect([object.commands, object.stream?.snapshot?.value]).toEqual([[], 'fetchingEvents']);
  });

  test('a long poll is cancelled, unless its own answer led out of it', async () => {
    const object = await polling();
    const held = object.stream?.longPoll?.invocationId;
    expect(held).toMatch(/^inv_/);
    const answer = object.outcome('resolve', { type: 'newChange' });
    expect(await object.rehearse('send', { event: { type: 'pause' } })).toContainEqual({ cancel: held });
    expect(await object.rehearse('tell', object.timer('retryTimeout'))).toContainEqual({ cancel: held });
    expect(await object.rehearse('tell', object.timer('settled'))).not.toContainEqual({ cancel: held });
    await object.run('tell', answer);
    expect(object.commands).not.toContainEqual({ cancel: held });
    expect(object.stream).not.toHaveProperty('longPoll');
  });
});

test('a chart with other states, actors or context has another id: streams of a release before are kept under theirs', () => {
  const nodes = [boxEventsMachine.root];
  for (const node of nodes) nodes.push(...Object.values(node.states));
  const context = createActor(boxEventsMachine).getSnapshot().context;
  expect({
    id: boxEventsMachine.id,
    states: nodes.slice(1).map(({ id, invoke }) => [id, ...invoke.map((invoked) => invoked.id)].join(' ')),
    context: Object.keys(context).join(' '),
  }).toMatchInlineSnapshot(`
    {
      "context": "streamPosition streamType recent recentSize servers serverIndex polls caughtUp prompted page nextPage attempt fruitless delay",
      "id": "boxEvents",
      "states": [
        "boxEvents.fetchingServers fetchServers",
        "boxEvents.polling longPoll",
        "boxEvents.fetchingEvents fetchEvents",
        "boxEvents.delivering",
        "boxEvents.backingOff",
        "boxEvents.paused",
        "boxEvents.stopped",
        "boxEvents.delivering.page deliver",
        "boxEvents.delivering.nextPage",
        "boxEvents.delivering.page.open",
        "boxEvents.delivering.page.pausing",
        "boxEvents.delivering.page.stopping",
        "boxEvents.delivering.page.handled",
        "boxEvents.delivering.nextPage.choosing",
        "boxEvents.delivering.nextPage.fetching fetchNextPage",
        "boxEvents.delivering.nextPage.settled",
      ],
    }
  `);
});

describe('a stream that began on an earlier chart', () => {
  const { config, implementations } = boxEventsMachine;
  const yore: AnyStateMachine = createMachine(renamed(config));
  const earlier = yore.provide(implementations);

  test('moves to the current one when it hears something, and goes on where it was', async () => {
    const object = await polling();
    object.keep({ version: earlier.id });
    const held = object.stream?.longPoll?.invocationId;
    await object.run('tell', object.outcome('resolve', { type: 'newChange' }));
    expect(object.started()).toEqual(['fetchServers']);
    expect(object.stream).toMatchObject({
      version: 'boxEvents',
      snapshot: { context: { streamPosition: '6', recent: ['a'], userId: '17738362001' } },
    });
    expect(object.stream).not.toHaveProperty('longPoll');
    expect(object.commands).not.toContainEqual({ cancel: held });
  });

  test('finishes the page that is being delivered on its own, if that is among the versions', async () => {
    const object = await delivering({ versions: [earlier] });
    object.keep({ version: earlier.id });
    await object.run('tell', object.outcome('resolve'));
    expect(object.stream).toMatchObject({ version: earlier.id, snapshot: { value: 'polling' } });
    expect(object.stream?.snapshot?.context.streamPosition).toBe('6');
  });

  test('has the page that is being delivered again, if it is not', async () => {
    const object = await delivering();
    object.keep({ version: earlier.id });
    await object.run('tell', object.outcome('resolve'));
    expect(object.stream).toMatchObject({ version: 'boxEvents', snapshot: { value: 'fetchingServers' } });
    expect(object.stream?.snapshot?.context.streamPosition).toBe('5');
  });

  test.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
    ['resume', 'fetchingServers'],
  ])('obeys %s on the current one', async (type, value) => {
    const object = await polling();
    object.keep({ version: earlier.id });
    await object.run('send', { event: { type } });
    expect(object.stream?.snapshot).toMatchObject({ value, context: { streamPosition: '6' } });
    expect(object.started()).toEqual(type === 'resume' ? ['fetchServers'] : []);
  });

  test('has a promise of that time finished by the current one', async () => {
    const fetch = async () => Response.json({ entries: [{ url: 'http://127.0.0.1:1/x' }] });
    const object = await objectAlone({ fetch }).run('create');
    const asked = await object.rehearse('invokePromise', { ...object.promise, version: earlier.id });
    const { self } = object.promise ?? {};
    expect(asked).toMatchObject([
      { handler: 'tell', parameter: { target: self, event: { type: 'restate.promise.resolve' } } },
    ]);
  });

  test('has a promise that nobody knows tried again, for another release may know it', async () => {
    const object = await objectAlone().run('create');
    const attempt = object.rehearse('invokePromise', { ...object.promise, srcs: ['fetchSomethingElse'] });
    await expect(attempt).rejects.toThrow('fetchSomethingElse');
    await expect(attempt).rejects.not.toBeInstanceOf(TerminalError);
  });
});

/** The config of a machine of another id, to which its targets lead. */
function renamed<T>(value: T): T;
function renamed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^(#?)boxEvents\b/, '$1boxEventsOfYore');
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, within]) => [name, renamed(within)]));
}
