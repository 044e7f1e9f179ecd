import { type Actor, createActor, fromPromise } from 'xstate';
import type { BoxEvent } from '../machines/box-event.ts';
import { boxEventsMachine, type Delivery } from '../machines/box-events.machine.ts';
import { checkInput, type StreamInput } from '../machines/stream-input.ts';
import { createHandover, type Handover } from './handover.ts';
import { itemsOfPages } from './items-of-pages.ts';
import { createOnce } from './once.ts';
import { type BoxEventsServices, createServices, type ServicesOptions } from './services.ts';

/** Services that the streams of an application share. */
export interface SharedServices {
  /** What `createServices()` gave. */
  readonly services: BoxEventsServices;
}

/** Whom to follow and from where, who asks Box and how, and when to end. */
export type BoxEventsOptions = StreamInput &
  (ServicesOptions | SharedServices) & {
    /** Ends the loop: it then rejects with the signal's reason. */
    readonly signal?: AbortSignal | undefined;
  };

/** A loop over what happens in a Box account; see {@link boxEvents}. It can be iterated once, by event or by page. */
export interface BoxEvents extends AsyncIterable<BoxEvent, void, void> {
  /**
   * Iterates over pages instead, to handle events and save their position in one transaction. A page's `events` may be empty: then
   * the position alone moved, and is worth saving.
   */
  pages(): AsyncIterable<Delivery, void, void>;
  /**
   * Where to resume once the event in hand is handled. A position belongs to a page of events: at the last event of a page it is the
   * one after the page, before that the one before it.
   */
  readonly streamPosition: string;
  /** The stream itself: `actor.on('retry', …)`, `actor.send({ type: 'pause' })`, `actor.getSnapshot()`. The loop starts and stops it. */
  readonly actor: Actor<typeof boxEventsMachine>;
}

/**
 * Follows what happens in a Box account, live.
 *
 * ```ts
 * const events = boxEvents({ token, streamPosition: await load() });
 * for await (const event of events) {
 *   await handle(event);
 *   await save(events.streamPosition);
 * }
 * ```
 *
 * Each event after the starting position comes at least once, in Box's order; one page is in hand, and at most one more is fetched
 * meanwhile. The loop outlasts every failure that may pass, and rejects with a `BoxError` on one that will not. It ends when the stream
 * is told to stop; `break`, a `throw` in its body and `signal` end it, too, and abort the request in flight.
 *
 * @throws {TypeError} that says which option is wrong.
 */
export function boxEvents(options: BoxEventsOptions): BoxEvents {
  if (!options) throw new TypeError('boxEvents() needs options, at least a token: boxEvents({ token }).');
  const input = checkInput(options);
  if ('asUser' in options && options.asUser && input.userId === undefined) {
    throw new TypeError('asUser needs the userId of the user to act for.');
  }
  const services = 'services' in options ? options.services : createServices(options);
  const { signal } = options;
  const handover = createHandover<Delivery>();
  const actor = createActor(machineOf(services), { input });
  handovers.set(actor.system, handover);
  let { streamPosition } = input;

  const end = (outcome?: { error: unknown }) => {
    handover.end(outcome);
    actor.stop();
  };

  async function* readPages(): AsyncGenerator<Delivery, void, void> {
    const abort = () => end({ error: signal?.reason });
    signal?.addEventListener('abort', abort);
    try {
      actor.subscribe({ complete: () => handover.end(), error: (error) => handover.end({ error }) });
      if (signal?.aborted) abort();
      else actor.start();
      for (let offer = await handover.take(); offer; offer = await handover.take()) {
        const { item: page } = offer;
        const isEmpty = page.events.length === 0 && page.streamPosition === streamPosition;
        if (!isEmpty) yield page;
        offer.handled();
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      actor.stop();
    }
  }

  async function* pages(): AsyncGenerator<Delivery, void, void> {
    for await (const page of readPages()) {
      streamPosition = page.streamPosition;
      yield page;
    }
  }

  function* eventsOf(page: Delivery): Generator<BoxEvent, void, void> {
    const last = page.events.at(-1);
    if (!last) streamPosition = page.streamPosition;
    for (const event of page.events) {
      signal?.throwIfAborted();
      if (event === last) streamPosition = page.streamPosition;
      yield event;
    }
  }

  const iterateOnce = createOnce(
    'This boxEvents() is iterated already: its position is that of one loop. Call boxEvents() again for another.',
    end,
  );

  return {
    actor,
    get streamPosition() {
      return streamPosition;
    },
    pages: () => ({ [Symbol.asyncIterator]: () => iterateOnce(pages) }),
    [Symbol.asyncIterator]: () => iterateOnce(() => itemsOfPages(readPages(), eventsOf)),
  };
}

// Where the pages of each stream go, and one machine for all streams of the services: one of its own would cost each of them 21 KB.
const handovers = new WeakMap<object, Handover<Delivery>>();
const machines = new WeakMap<BoxEventsServices, typeof boxEventsMachine>();

function machineOf(services: BoxEventsServices): typeof boxEventsMachine {
  const known = machines.get(services);
  if (known) return known;
  const machine = boxEventsMachine.provide({ actors: { ...services, deliver } });
  machines.set(services, machine);
  return machine;
}

const deliver = fromPromise<void, Delivery>(async ({ input: page, system }) => {
  await handovers.get(system)?.offer(page);
});
