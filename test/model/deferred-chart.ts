import { createActor, fromPromise, SimulatedClock } from 'xstate';
import {
  boxEventsMachine,
  type Delivery,
  type EventsInput,
  type LongPollInput,
  type RealtimeAnswer,
  type ServersInput,
} from '../../machines/box-events.machine.ts';
import type { EventsAnswer } from '../../machines/page.ts';
import type { RealtimeServer } from '../../machines/realtime-server.ts';
import type { pureChart } from '../support/pure-chart.ts';

type Chart = Pick<
  ReturnType<typeof pureChart>,
  'context' | 'servers' | 'answer' | 'page' | 'delivered' | 'fails' | 'after' | 'send'
>;
type ActorName = 'fetchServers' | 'longPoll' | 'fetchEvents' | 'deliver';

const deferred = new Map<ActorName, PromiseWithResolvers<never>>();
const defer = (name: ActorName) => () => {
  const promise = Promise.withResolvers<never>();
  deferred.set(name, promise);
  return promise.promise;
};

/** The chart with actors that answer when they are told to. One machine for all runs, so that its transitions can be counted. */
export const deferredMachine = boxEventsMachine.provide({
  actors: {
    fetchServers: fromPromise<readonly RealtimeServer[], ServersInput>(defer('fetchServers')),
    longPoll: fromPromise<RealtimeAnswer, LongPollInput>(defer('longPoll')),
    fetchEvents: fromPromise<EventsAnswer, EventsInput>(defer('fetchEvents')),
    deliver: fromPromise<void, Delivery>(defer('deliver')),
  },
});

/** The same hands as a `pureChart` has, on a running actor; `onTransition` is told each transition that it takes. */
export function deferredChart(onTransition: (transition: unknown) => void) {
  const clock = new SimulatedClock();
  const actor = createActor(deferredMachine, {
    clock,
    input: { streamPosition: '5', recent: ['seen'] },
    inspect: (event) => {
      if (event.type === '@xstate.microstep')
        for (const transition of event._transitions) onTransition(transition);
    },
  });
  actor.subscribe({ error: () => {} });
  actor.start();

  const resolve = (name: ActorName, value?: unknown) => {
    deferred.get(name)?.resolve(value as never);
    return chart as never;
  };
  const waits = {
    settled: () => 2_000,
    retryTimeout: () => 610_000,
    backoff: () => actor.getSnapshot().context.delay,
  };
  const chart: Chart & { actor: typeof actor } = {
    actor,
    get context() {
      return actor.getSnapshot().context;
    },
    servers: (...servers) =>
      resolve(
        'fetchServers',
        servers.map((server) => ({ url: 'http://a', maxRetries: 10, retryTimeout: 610_000, ...server })),
      ),
    answer: (type) => resolve('longPoll', { type }),
    page: (streamPosition, events = [], isFull = false) =>
      resolve('fetchEvents', { events, streamPosition, isFull }),
    delivered: () => resolve('deliver'),
    fails: (name, error) => {
      deferred.get(name)?.reject(error);
      return chart as never;
    },
    after: (name) => {
      clock.increment(waits[name]());
      return chart as never;
    },
    send: (type) => {
      actor.send({ type });
      return chart as never;
    },
  };
  return chart;
}
