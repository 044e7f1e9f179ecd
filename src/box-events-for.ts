import { type Actor, createActor, fromPromise } from 'xstate';
import type { BoxEvent } from '../machines/box-event.ts';
import { boxEventsMachine, type Delivery } from '../machines/box-events.machine.ts';
import { boxUsersMachine } from '../machines/box-users.machine.ts';
import { createUserStreams } from '../machines/user-streams.ts';
import { type BoxEventsForOptions, readOptions } from './box-events-for-options.ts';
import { fetchInTurn } from './fetch-in-turn.ts';
import { createHandover } from './handover.ts';
import { itemsOfPages } from './items-of-pages.ts';
import { createOnce } from './once.ts';
import { loadPosition } from './positions/positions.ts';
import { createSaver } from './positions/saver.ts';
import { createRoom } from './room.ts';
import { createRoster } from './roster.ts';
import { createServices } from './services.ts';
import { readUser, type UserOrId } from './users-to-follow.ts';

/** An event, and whose it is. */
export interface UserEvent {
  /** The user who was followed. */
  readonly userId: string;
  /** The event as Box sent it. */
  readonly event: BoxEvent;
}

/** A page to be handled, whose it is, and the position to save once it is. `events` is empty when the position alone moved. */
export interface UserDelivery extends Delivery {
  /** The user who was followed. */
  readonly userId: string;
}

/** A loop over what happens in the accounts of many users; see {@link boxEventsFor}. It can be iterated once, by event or by page. */
export interface BoxEventsFor extends AsyncIterable<UserEvent, void, void> {
  /** Iterates over pages instead, to handle events and save their position in one transaction. */
  pages(): AsyncIterable<UserDelivery, void, void>;
  /**
   * Follows a user, too: from the position that is kept, else from the `streamPosition` given here, else from where this loop followed them
   * last, else from `now`. Resolves once they wait for their turn; nothing happens when they are followed already. Rejects when the user is
   * none, or the position cannot be loaded.
   */
  follow(user: UserOrId): Promise<void>;
  /** Follows a user no more, once the page in hand is handled. */
  unfollow(userId: string): void;
  /** The streams themselves: `actor.on('retry', …)`, `actor.send({ type: 'stop' })`. The loop starts and stops them. */
  readonly actor: Actor<typeof boxUsersMachine>;
}

/**
 * Follows what happens in the accounts of many users, live, in one loop.
 *
 * ```ts
 * const events = boxEventsFor({ users, token, asUser: true, positions, onFailed: ({ userId, error }) => report(userId, error) });
 * for await (const { userId, event } of events) await handle(userId, event);
 * ```
 *
 * What `boxEvents()` promises holds for each user. One page is handled at a time, and a user's next one is fetched when this one is
 * handled: users take turns, page by page, in the order in which their pages came. Streams are started `startsPerSecond`. The loop ends
 * when it is told to, also with nobody left to follow; `break`, a `throw` in its body and `signal` abort all requests.
 *
 * @throws {TypeError} that says which option is wrong.
 */
export function boxEventsFor(options: BoxEventsForOptions): BoxEventsFor {
  const { input, users, pagesInMemory } = readOptions(options);
  const { positions, onFailed, signal } = options;
  const services = 'services' in options ? options.services : createServices(options);
  const room = createRoom(pagesInMemory);
  const handover = createHandover<UserDelivery>();
  // Also of those who have gone: they may come back.
  const stands = new Map<string, string>();
  let isByPage = false;

  const hasMoved = ({ userId, streamPosition }: UserDelivery) => stands.get(userId) !== streamPosition;
  const commit = (page: UserDelivery) => {
    if (!hasMoved(page)) return;
    stands.set(page.userId, page.streamPosition);
    saver?.note(page.userId, page.streamPosition);
  };
  const deliver = fromPromise<void, Delivery>(async ({ input: { userId = '', ...rest } }) => {
    const page = { ...rest, userId };
    if (page.events.length > 0 || (isByPage && hasMoved(page))) await handover.offer(page);
    else commit(page);
    room.leave(userId);
  });
  const fetchEvents = fetchInTurn(services.fetchEvents, room);
  const stream = boxEventsMachine.provide({ actors: { ...services, fetchEvents, deliver } });
  const machine = boxUsersMachine.provide({ actors: { streams: createUserStreams(stream) } });
  const actor = createActor(machine, { input });

  const end = (outcome?: { error: unknown }) => {
    handover.end(outcome);
    actor.stop();
  };
  const saver = positions && createSaver(positions, options, (error) => end({ error }));
  const send: typeof actor.send = (command) => {
    if (actor.getSnapshot().status === 'active') actor.send(command);
  };
  const roster = createRoster(users, {
    startOf: async ({ userId, streamPosition }) =>
      saver?.unsaved(userId) ?? (positions && (await loadPosition(positions, userId))) ?? streamPosition,
    follow({ userId, streamPosition }) {
      // Who still has a page in hand goes on after it: what was loaded, and where they stand, is before it.
      const isLeaving = actor.getSnapshot().context.leaving.includes(userId);
      if (isLeaving && positions) return send({ type: 'follow', userId });
      const start = streamPosition ?? (isLeaving ? undefined : stands.get(userId));
      if (start !== undefined) stands.set(userId, start);
      send({ type: 'follow', userId, streamPosition: start });
    },
    unfollow: (userId) => send({ type: 'unfollow', userId }),
  });

  actor.on('stopped', ({ userId, streamPosition }) => {
    room.leave(userId);
    stands.set(userId, streamPosition);
  });
  actor.on('failed', ({ userId, error }) => {
    room.leave(userId);
    try {
      const told: unknown = onFailed({ userId, error });
      // Nobody else would handle its rejection, which ends the process.
      if (told instanceof Promise) told.catch((thrown: unknown) => end({ error: thrown }));
    } catch (thrown) {
      end({ error: thrown });
    }
  });

  async function* readPages(): AsyncGenerator<UserDelivery, void, void> {
    const abort = () => end({ error: signal?.reason });
    let hasFailed = false;
    signal?.addEventListener('abort', abort);
    try {
      actor.subscribe({ complete: () => handover.end(), error: (error) => handover.end({ error }) });
      if (signal?.aborted) {
        abort();
      } else {
        actor.start();
        roster.begin().catch((error: unknown) => end({ error }));
      }
      for (let offer = await handover.take(); offer; offer = await handover.take()) {
        yield offer.item;
        commit(offer.item);
        offer.handled();
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      actor.stop();
      // What was handled last is saved, whatever ends the loop.
      await saver?.close().catch((unsaved: unknown) => {
        // An end that was wished for says less than that it could not be kept; a failure says more.
        if (!hasFailed || signal?.aborted) throw unsaved;
      });
    }
  }

  function readByPage(): AsyncGenerator<UserDelivery, void, void> {
    isByPage = true;
    return readPages();
  }

  function* eventsOf({ userId, events }: UserDelivery): Generator<UserEvent, void, void> {
    for (const event of events) {
      signal?.throwIfAborted();
      yield { userId, event };
    }
  }

  const iterateOnce = createOnce(
    'This boxEventsFor() is iterated already: its positions are those of one loop. Call boxEventsFor() again for another.',
    end,
  );

  return {
    actor,
    follow: async (user) => roster.add(readUser(user)),
    unfollow: (userId) => roster.remove(userId),
    pages: () => ({ [Symbol.asyncIterator]: () => iterateOnce(readByPage) }),
    [Symbol.asyncIterator]: () => iterateOnce(() => itemsOfPages(readPages(), eventsOf)),
  };
}
