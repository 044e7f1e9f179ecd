import { inspect, isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { createTestModel } from 'xstate/graph';
import type { Fault, SimulatorRequest } from '../../src/simulator/index.ts';
import {
  atFirst,
  boxAndConsumerMachine,
  type EventName,
  eventNames,
  retryAfter,
  type Seen,
  wire,
} from './box-and-consumer.machine.ts';
import { createSurroundings } from './box-and-consumer.ts';

type Surroundings = Awaited<ReturnType<typeof createSurroundings>>;
type Snapshot = SnapshotFrom<typeof boxAndConsumerMachine>;
type Spoils = (request: SimulatorRequest) => Omit<Fault, 'on' | 'nth'>;

/** What happens one after another in the model, and what is to be seen then. */
export interface Path {
  readonly steps: { event: { type: EventName }; state: Snapshot }[];
  readonly state: Snapshot;
}

/** The model, to make paths of. */
export const model = createTestModel(boxAndConsumerMachine);

/** The path of whatever is chosen, step by step, among what can happen; it ends where nothing is chosen. */
export function pathOf(choose: (possible: readonly EventName[]) => EventName | undefined): Path {
  let [state] = initialTransition(boxAndConsumerMachine);
  const steps: Path['steps'] = [];
  for (;;) {
    const type = choose(eventNames.filter((name) => state.can({ type: name })));
    if (type === undefined) return { steps, state };
    [state] = transition(boxAndConsumerMachine, state, { type });
    steps.push({ event: { type }, state });
  }
}

/** Follows a path through the model in reality, and compares after each step. Failures that should make no difference are taken in turn. */
export async function follow({ steps, state }: Path, salt: number): Promise<void> {
  await using real = await createSurroundings(wire);
  let turn = salt;
  const check = (name: keyof typeof states) => (expected: Snapshot) =>
    expectSeen(real, name, expected.context);
  await expectSeen(real, 'asking', atFirst);
  await model.testPath(
    { steps, state, weight: steps.length },
    {
      states: {
        asking: check('asking'),
        fetching: check('fetching'),
        handling: check('handling'),
        handlingBeforePause: check('handlingBeforePause'),
        handlingBeforeStop: check('handlingBeforeStop'),
        listening: check('listening'),
        waiting: check('waiting'),
        paused: check('paused'),
        stopped: check('stopped'),
        failed: check('failed'),
        '*': ({ value }) => expect.fail(`The state ${value} of the model is not compared with anything.`),
      },
      events: happenings(real, () => turn++),
    },
  );
}

/** The chart's state in each state of the model, and whether a request is open besides one ahead. */
const states = {
  asking: ['fetchingServers', 1],
  fetching: ['fetchingEvents', 1],
  handling: ['delivering,open', 0],
  handlingBeforePause: ['delivering,pausing', 0],
  handlingBeforeStop: ['delivering,stopping', 0],
  listening: ['polling', 1],
  waiting: ['backingOff', 0],
  paused: ['paused', 0],
  stopped: ['stopped', 0],
  failed: ['error', 0],
} as const;

async function expectSeen(real: Surroundings, name: keyof typeof states, seen: Seen): Promise<void> {
  const { position, requests, retries } = seen;
  const [state, open] = states[name];
  const ahead = name === 'handling' && seen.next === 'asked' ? 1 : 0;
  const expected = {
    ...{ state, open: open + ahead, requests, retries, position },
    delivered: position === 'now' ? [] : [...Array(position).keys()],
    output: name === 'stopped' ? position : undefined,
  };
  await real.until(() => isDeepStrictEqual(real.seen, expected));
  expect(real.seen).toEqual(expected);
  if (seen.isDue) expectDelay(real.retry, seen);
  expectNoKeys(real);
}

function expectDelay(retry: Surroundings['retry'], { attempt, isAsked }: Seen): void {
  const most = Math.min(30_000, 1_000 * 2 ** (attempt - 1));
  const asked = isAsked ? retryAfter * 1_000 : 0;
  expect(retry?.attempt).toBe(attempt);
  expect(retry?.delay).toBeGreaterThanOrEqual(Math.max(asked, Math.floor(most / 2)));
  expect(retry?.delay).toBeLessThanOrEqual(asked + most);
}

function expectNoKeys(real: Surroundings): void {
  const { token, channels } = real.keys();
  const { said, kept } = real.told;
  const text = inspect(said, { depth: 20, showHidden: true });
  for (const key of [token, ...channels]) expect(text.includes(key)).toBe(false);
  expect(kept.includes(token)).toBe(false);
}

/** What each event of the model is in reality. `turn` chooses among failures that should make no difference. */
function happenings(real: Surroundings, turn: () => number): Record<EventName, () => Promise<void> | void> {
  const oneOf = (spoils: readonly Spoils[]) => spoils[turn() % spoils.length];
  const status = (...statuses: number[]) =>
    oneOf(statuses.map((code) => () => ({ what: 'status', status: code })));
  const waits = () => real.answer(() => ({ what: 'status', status: turn() % 2 ? 429 : 503, retryAfter }));
  const publishes = (count: number) => () => {
    real.publish(count);
    return real.answer();
  };
  return {
    serversOk: () => real.answer(),
    serversFail: () => real.answer(oneOf(fails.api)),
    serversAskToWait: waits,
    serversRefuse: () => real.answer(status(403, 401, 404)),
    page: () => real.answer(),
    pageRepeats: () => real.answer(() => ({ what: 'repeatTail' })),
    eventsFail: () => real.answer(oneOf(fails.api)),
    eventsAskToWait: waits,
    eventsRefuse: () => real.answer(status(400, 403, 401)),
    change: publishes(1),
    burst: publishes(3),
    falseAlarm: () => real.answer(() => ({ what: 'newChange' })),
    reconnect: () => real.answer(() => ({ what: 'reconnect' })),
    maxRetries: () => real.answer(() => ({ what: 'maxRetries' })),
    pollFails: () => real.answer(oneOf(fails.poll)),
    silence: () => {
      real.publish(1);
      real.clock.increment(610_000);
    },
    held: () => real.clock.increment(2_000),
    handled: real.handle,
    throws: real.throws,
    backoffEnds: async () => {
      const { delay } = real.retry ?? expect.fail('No back-off was told.');
      const before = real.seen;
      real.clock.increment(delay - 1);
      expect(real.seen).toEqual(before);
      real.clock.increment(1);
    },
    pause: () => real.send('pause'),
    resume: () => {
      const before = real.seen;
      real.clock.increment(before.state === 'paused' ? 3_600_000 : 0);
      expect(real.seen).toEqual(before);
      real.send('resume');
    },
    stop: () => real.send('stop'),
    crash: real.crash,
  };
}

const echo: Spoils = ({ headers, url }) => ({
  what: 'status',
  status: 500,
  body: JSON.stringify({ code: headers.authorization ?? url, message: `${headers.authorization} ${url}` }),
});
const fails: Record<'api' | 'poll', readonly Spoils[]> = {
  api: [
    ...[503, 500, 408, 307].map(
      (status): Spoils =>
        () => ({ what: 'status', status }),
    ),
    ...(['reset', 'html', 'cut', 'emptyObject', 'wrongTypes', 'null', 'empty', 'redirect'] as const).map(
      (what): Spoils =>
        () => ({ what }),
    ),
    echo,
  ],
  poll: [
    ...[503, 400, 403].map(
      (status): Spoils =>
        () => ({ what: 'status', status }),
    ),
    ...(['reset', 'html', 'cut', 'unknownMessage', 'unknownChannel', 'empty', 'redirect'] as const).map(
      (what): Spoils =>
        () => ({ what }),
    ),
    echo,
  ],
};
