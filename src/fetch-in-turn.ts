import { createActor, fromPromise, toPromise } from 'xstate';
import type { EventsInput } from '../machines/box-events.machine.ts';
import type { EventsAnswer } from '../machines/page.ts';
import type { Room } from './room.ts';
import type { BoxEventsServices } from './services.ts';

type FetchEvents = BoxEventsServices['fetchEvents'];

/**
 * Fetches a user's page only when there is room for it and the one before it is handled, and emits `turn` when it begins. The place is
 * given back here when no page came; else whoever handles the page gives it back. Users to whom none came the last time share half of the room:
 * however many of them hang until their deadline, again and again, the others go on.
 */
export function fetchInTurn(fetchEvents: FetchEvents, room: Room): FetchEvents {
  return fromPromise<EventsAnswer, EventsInput>(async ({ input, signal, emit }) => {
    const { userId = '' } = input;
    await room.enter(userId, signal);
    emit({ type: 'turn' });
    signal.addEventListener('abort', () => room.leave(userId), { once: true });
    try {
      return await fetchPage(fetchEvents, input, signal);
    } catch (error) {
      if (!signal.aborted) room.leaveInVain(userId);
      throw error;
    }
  });
}

async function fetchPage(
  fetchEvents: FetchEvents,
  input: EventsInput,
  signal: AbortSignal,
): Promise<EventsAnswer> {
  signal.throwIfAborted();
  const fetching = createActor(fetchEvents, { input });
  const stop = () => fetching.stop();
  signal.addEventListener('abort', stop);
  try {
    const fetched = toPromise(fetching);
    fetching.start();
    return await fetched;
  } finally {
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
  }
}
