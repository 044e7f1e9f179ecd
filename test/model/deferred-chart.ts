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
import { type Hands, start } from './chart-space.ts';

/** An actor that answers when it is told to. */
function deferred<Output, Input>() {
  let latest = Promise.withResolvers<Output>();
  const logic = fromPromise<Output, Input>(() => {
    latest = Promise.withResolvers<Output>();
    return latest.promise;
  });
  return {
    logic,
    answer: (output: Output) => latest.resolve(output),
    fail: (error: unknown) => latest.reject(error),
  };
}

const actors = {
  fetchServers: deferred<readonly RealtimeServer[], ServersInput>(),
  longPoll: deferred<RealtimeAnswer, LongPollInput>(),
  fetchEvents: deferred<EventsAnswer, EventsInput>(),
  deliver: deferred<void, Delivery>(),
};

/** The chart with actors that answer when they are told to. One machine for all runs, so that its transitions can be counted. */
export const deferredMachine = boxEventsMachine.provide({
  actors: {
    fetchServers: actors.fetchServers.logic,
    longPoll: actors.longPoll.logic,
    fetchEvents: actors.fetchEvents.logic,
    deliver: actors.deliver.logic,
  },
});

/** A running chart in the same hands as the pure one; `onTransition` is told each transition that it takes. */
export function deferredChart(onTransition: (transition: unknown) => void) {
  const clock = new SimulatedClock();
  let lastEvent = '';
  const actor = createActor(deferredMachine, {
    clock,
    input: start,
    inspect: (inspected) => {
      if (inspected.type === '@xstate.event' && inspected.actorRef === actor)
        lastEvent = inspected.event.type;
      if (inspected.type === '@xstate.microstep') inspected._transitions.forEach(onTransition);
    },
  });
  actor.subscribe({ error: () => {} });
  actor.start();

  const lengths = {
    settled: () => 2_000,
    retryTimeout: () => 610_000,
    backoff: () => actor.getSnapshot().context.delay,
  };
  const hands: Hands = {
    get context() {
      return actor.getSnapshot().context;
    },
    servers: (...servers) =>
      actors.fetchServers.answer(servers.map((server) => ({ url: 'http://a', maxRetries: 10, ...server }))),
    answer: (type) => actors.longPoll.answer({ type }),
    page: (streamPosition, events = [], isFull = false) =>
      actors.fetchEvents.answer({ events, streamPosition, isFull }),
    nextPage: (streamPosition, events = [], isFull = false) =>
      actors.fetchEvents.answer({ events, streamPosition, isFull }),
    delivered: () => actors.deliver.answer(),
    fails: (name, error) => actors[name === 'fetchNextPage' ? 'fetchEvents' : name].fail(error),
    after: (name) => clock.increment(lengths[name]()),
    send: (type) => actor.send({ type }),
  };
  return {
    actor,
    hands,
    /** The type of the last event that reached the chart. */
    get lastEvent() {
      return lastEvent;
    },
  };
}
