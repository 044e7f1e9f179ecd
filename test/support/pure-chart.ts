import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { BoxError } from '../../machines/box-error.ts';
import type { BoxEvent } from '../../machines/box-event.ts';
import {
  type BoxEventsCommand,
  type BoxEventsEmitted,
  boxEventsMachine,
  type RealtimeAnswer,
} from '../../machines/box-events.machine.ts';
import type { EventsAnswer } from '../../machines/page.ts';
import type { StreamInput } from '../../machines/stream-input.ts';

type Snapshot = SnapshotFrom<typeof boxEventsMachine>;
type Step = ReturnType<typeof transition<typeof boxEventsMachine>>;

// What XState's actions hold for whoever executes them: of each kind, other fields.
interface Params {
  event: BoxEventsEmitted;
  src: string;
  input: unknown;
  id: string;
  delay: number | undefined;
}

/** Steps through the chart without running anything: what its actors answer is said, what it would do is noted. */
export function pureChart(input: StreamInput = { streamPosition: '5' }) {
  let snapshot: Snapshot;
  let started: { src: string; input: unknown }[] = [];
  const emitted: BoxEventsEmitted[] = [];
  const delays = new Map<string, number>();

  const take = ([next, actions]: Step) => {
    snapshot = next;
    started = [];
    for (const { type, params } of actions as { type: string; params: Params }[]) {
      if (type === 'xstate.emit') emitted.push(params.event);
      if (type === 'xstate.spawnChild') started.push({ src: params.src, input: params.input });
      if (type === 'xstate.raise' && params.delay !== undefined) delays.set(nameOf(params.id), params.delay);
    }
    return chart;
  };
  const send = (event: object) => take(transition(boxEventsMachine, snapshot, event as BoxEventsCommand));

  const chart = {
    get state() {
      return snapshot.value;
    },
    get context() {
      return snapshot.context;
    },
    get snapshot() {
      return snapshot;
    },
    /** The actors started by the last step, with their input. */
    get started() {
      return started;
    },
    /** Everything emitted so far. */
    emitted,
    /** The delay of a named `after` when it was last scheduled, in milliseconds. */
    delayOf: (name: string) => delays.get(name),
    send: (type: BoxEventsCommand['type']) => send({ type }),
    servers: (...servers: { url?: string; maxRetries?: number; retryTimeout?: number }[]) =>
      send({
        type: 'xstate.done.actor.fetchServers',
        output: (servers.length > 0 ? servers : [{}]).map((server) => ({
          url: 'http://realtime/subscribe?channel=key',
          maxRetries: 10,
          retryTimeout: 610_000,
          ...server,
        })),
      }),
    answer: (type: RealtimeAnswer['type']) => send({ type: 'xstate.done.actor.longPoll', output: { type } }),
    page: (...page: PageParameters) =>
      send({ type: 'xstate.done.actor.fetchEvents', output: answerOf(page) }),
    /** The page after the one that is being delivered. */
    nextPage: (...page: PageParameters) =>
      send({ type: 'xstate.done.actor.fetchNextPage', output: answerOf(page) }),
    delivered: () => send({ type: 'xstate.done.actor.deliver' }),
    fails: (
      actor: 'fetchServers' | 'longPoll' | 'fetchEvents' | 'fetchNextPage' | 'deliver',
      error: Error = mayPass(),
    ) => send({ type: `xstate.error.actor.${actor}`, error }),
    after: (delay: 'retryTimeout' | 'settled' | 'backoff') =>
      send({ type: `xstate.after.${delay}.boxEvents.${delay === 'backoff' ? 'backingOff' : 'polling'}` }),
    /** From the start to a first poll at position 5. */
    poll: () => chart.servers().page('5').delivered(),
  };
  return take(initialTransition(boxEventsMachine, input) as Step);
}

type PageParameters = [streamPosition: string | undefined, events?: readonly BoxEvent[], isFull?: boolean];

function answerOf([streamPosition, events = [], isFull = false]: PageParameters): EventsAnswer {
  return { events, streamPosition, isFull };
}

const nameOf = (id: string) => /^xstate\.after\.(\w+)\./.exec(id)?.[1] ?? id;

/** A failure that may pass. */
export const mayPass = (retryAfter?: number) =>
  new BoxError('Box is busy.', { request: 'events', transient: true, status: 503, retryAfter });

/** An event with an id. */
export const event = (id: string): BoxEvent => ({ type: 'event', event_id: id, event_type: 'ITEM_UPLOAD' });
