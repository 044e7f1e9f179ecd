import { createActor, fromPromise, SimulatedClock, waitFor } from 'xstate';
import type { BoxEvent } from '../../machines/box-event.ts';
import { type BoxEventsEmitted, boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import type { StreamInput } from '../../machines/stream-input.ts';
import { createServices, type ServicesOptions } from '../../src/services.ts';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type SimulatorRequest,
} from '../../src/simulator/index.ts';

/** A simulated Box whose time, and that of the streams that follow it, is moved by hand. */
export async function simulatedBox(options: SimulatorOptions = {}) {
  const clock = new SimulatedClock();
  const box = await createSimulator({ clock, ...options });
  return { box, clock };
}

/** A stream over the real services, with what a user sees of it. */
export function follow(
  { box, clock }: { box: Simulator; clock: SimulatedClock },
  input: StreamInput = {},
  {
    deliver = async () => {},
    ...options
  }: Partial<ServicesOptions> & { deliver?: (page: Delivery, signal: AbortSignal) => Promise<void> } = {},
) {
  const services = createServices({ token: box.token, apiUrl: box.apiUrl, ...options });
  const delivered: BoxEvent[] = [];
  const emitted: BoxEventsEmitted[] = [];
  const machine = boxEventsMachine.provide({
    actors: {
      ...services,
      deliver: fromPromise<void, Delivery>(async ({ input: page, signal }) => {
        await deliver(page, signal);
        delivered.push(...page.events);
      }),
    },
  });
  const actor = createActor(machine, { input, clock });
  actor.on('*', (event) => emitted.push(event));
  actor.subscribe({ error: () => {} });
  actor.start();

  const stream = {
    actor,
    delivered,
    emitted,
    ids: () => delivered.map(({ event_id }) => event_id),
    retries: () => emitted.filter((event) => event.type === 'retry'),
    get position() {
      return actor.getSnapshot().context.streamPosition;
    },
    reaches: (
      state: 'fetchingServers' | 'polling' | 'fetchingEvents' | 'delivering' | 'backingOff' | 'paused',
    ) => waitFor(actor, (snapshot) => snapshot.matches(state)),
    /** Resolves once the stream waits: for a delay, or for a poll that is held. */
    rests: async () => {
      const isPolling = () => actor.getSnapshot().matches('polling');
      do {
        await waitFor(actor, (snapshot) => snapshot.matches('backingOff') || snapshot.matches('polling'));
        if (!isPolling()) return;
        await Promise.race([
          box.until(() => box.requests.some(isWaiting)),
          waitFor(actor, (snapshot) => !snapshot.matches('polling')),
        ]);
      } while (!isPolling());
    },
    /** Lets simulated time pass in steps, each as soon as the stream rests. */
    passes: async (milliseconds: number, step = 250) => {
      const end = clock.now() + milliseconds;
      while (clock.now() < end) {
        await stream.rests();
        clock.increment(step);
      }
    },
  };
  return stream;
}

// A poll that has come and is not answered: it is held, or has met with silence.
const isWaiting = ({ kind, status, over }: SimulatorRequest) =>
  kind === 'poll' && status === undefined && !over;

/** How many requests came in the busiest second. */
export function busiestSecond(requests: readonly { at: number }[]): number {
  const countFrom = (start: number) => requests.filter(({ at }) => at >= start && at < start + 1_000).length;
  return Math.max(0, ...requests.map(({ at }) => countFrom(at)));
}
