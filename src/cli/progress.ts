import type { BoxEvents } from '../box-events.ts';
import type { StreamState as ChartState } from '../operations/stream-record.ts';

/** What a stream does, in the chart's own words; `stopping` is a stop that waits for the page in hand. */
export type StreamState = ChartState | 'stopping';

/** A failure that may pass, and when to try again. */
export interface Retry {
  readonly attempt: number;
  /** In milliseconds. */
  readonly delay: number;
  readonly reason: string;
}

/** Tells, beside the events, how the stream is doing. */
export interface Progress {
  /** Tells something that is to stay readable. */
  say(text: string): void;
  enter(state: StreamState): void;
  retry(retry: Retry): void;
  /** So many events more are out, and this is where everything stands: `position 5`, `3 of 5 users`. */
  advance(events: number, place: string): void;
  /** Leaves the terminal alone, for events to be written, until `show()`. */
  hide(): void;
  show(): void;
  /** Leaves the terminal alone for good, and nothing behind in it; something may still be said. */
  close(): void;
}

/** Tells what the stream's actor does. */
export function observe(actor: BoxEvents['actor'], progress: Progress): void {
  actor.on('retry', ({ attempt, delay, error }) => progress.retry({ attempt, delay, reason: error.message }));
  actor.subscribe({
    next: ({ value }) => {
      if (typeof value === 'string') progress.enter(value);
      else progress.enter(value.delivering.page === 'stopping' ? 'stopping' : 'delivering');
    },
    // The loop rejects with it.
    error: () => {},
  });
}
