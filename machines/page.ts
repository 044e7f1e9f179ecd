import type { BoxEvent } from './box-event.ts';
import { leadsOn } from './stream-position.ts';

/** What `GET /events` answered, as the `fetchEvents` actor returns it. */
export interface EventsAnswer {
  /** The events in Box's order. */
  readonly events: readonly BoxEvent[];
  /** `next_stream_position` as a decimal string; absent when Box sent none. */
  readonly streamPosition?: string | undefined;
  /** Whether there were as many events as asked for, or more: more may be waiting. */
  readonly isFull: boolean;
}

/** A page on its way to the consumer. */
export interface Page {
  /** The events that were not delivered before, in Box's order. */
  readonly events: readonly BoxEvent[];
  /** Where the stream stands once these events are handled. */
  readonly streamPosition: string;
  /** As long as asked for, and its position moved: fetch again at once. */
  readonly isFull: boolean;
  /** A new event with an id, and a moved position. Anything less may come again and again, and is no progress. */
  readonly hasNews: boolean;
}

/**
 * What of an answer is new to a stream that stands at `streamPosition` and has seen the events `recent`.
 *
 * A position of 0, or none, would move the stream back to the start: the stream stays where it is.
 */
export function readPage(answer: EventsAnswer, streamPosition: string, recent: readonly string[]): Page {
  const next = answer.streamPosition;
  const position = leadsOn(next) ? next : streamPosition;
  const hasMoved = position !== streamPosition;
  const events = withoutDuplicates(answer.events, recent);
  return {
    events,
    streamPosition: position,
    isFull: answer.isFull && hasMoved,
    hasNews: hasMoved && events.some((event) => idOf(event) !== undefined),
  };
}

function withoutDuplicates(events: readonly BoxEvent[], recent: readonly string[]): BoxEvent[] {
  if (events.length === 0) return [];
  const index = indexOf(recent);
  const seen = new Set<string>();
  return events.filter((event) => {
    const id = idOf(event);
    if (id === undefined) return true;
    if (index.has(id) || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** The window of recent ids after `events`: the youngest `size` of them. */
export function withRecent(
  recent: readonly string[],
  events: readonly BoxEvent[],
  size: number,
): readonly string[] {
  const ids = events.map(idOf).filter((id) => id !== undefined);
  if (ids.length === 0) return recent;
  const index = indexOf(recent);
  const window = [...recent, ...ids];
  const dropped = window.splice(0, Math.max(0, window.length - size));
  for (const id of ids) index.add(id);
  for (const id of dropped) index.delete(id);
  indices.delete(recent);
  indices.set(window, index);
  return window;
}

// Box promises no id, nor that it is a string.
function idOf({ event_id: id }: BoxEvent): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

// An index of each window, beside the context, which is to stay plain JSON. It moves on from window to window: building it
// anew for each page was a quarter of the cost of a change.
const indices = new WeakMap<readonly string[], Set<string>>();

function indexOf(recent: readonly string[]): Set<string> {
  const known = indices.get(recent);
  if (known) return known;
  const index = new Set(recent);
  indices.set(recent, index);
  return index;
}
