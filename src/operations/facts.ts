import type { AnyEventObject } from 'xstate';
import { BoxError, isTransient } from '../../machines/box-error.ts';
import type { StreamSnapshot } from '../stream-snapshot.ts';

/** Something that a stream did. Times are milliseconds. */
export type StreamFact =
  /** Box's API answered in order. */
  | { readonly type: 'answered'; readonly request: ApiRequest; readonly took: number }
  /** The realtime server answered in order, or was silent for `retryTimeout`. */
  | { readonly type: 'polled'; readonly answer: PollAnswer; readonly took: number }
  /** A request failed; what comes of it is a fact of its own. */
  | {
      readonly type: 'requestFailed';
      readonly request: ApiRequest | 'poll';
      readonly error: unknown;
      readonly took: number;
    }
  /** A page was handled, and its position committed. */
  | { readonly type: 'delivered'; readonly events: number; readonly took: number; readonly isFirst: boolean }
  /** The stream backs off. */
  | { readonly type: 'retry'; readonly error: BoxError; readonly attempt: number; readonly delay: number }
  /** All is well again, after so many back-offs in a row. */
  | { readonly type: 'recovered'; readonly attempts: number }
  /** The stream has ended, as it was told to. */
  | { readonly type: 'stopped'; readonly streamPosition: string }
  /** The stream has failed for good. */
  | { readonly type: 'failed'; readonly error: unknown };

/** A request to Box's API. */
export type ApiRequest = 'servers' | 'events';

/** How a long poll ended that did not fail. */
export type PollAnswer = 'newChange' | 'reconnect' | 'maxRetries' | 'silence';

/** A step of a stream's chart, and the times that the facts tell. */
export interface Step {
  readonly event: AnyEventObject;
  readonly before: StreamSnapshot;
  readonly next: StreamSnapshot;
  /** How long the actor that has just ended had run. */
  readonly took: number;
  /** Whether no page was handled before. */
  readonly isFirst: boolean;
  /** Whether it follows from another step that the same event caused. */
  readonly isFollowing: boolean;
}

/** What a stream did in a step. */
export function factsOf(step: Step): StreamFact[] {
  return [outcomeOf(step), retryOf(step), recoveryOf(step), endOf(step)].filter((fact) => fact !== undefined);
}

function outcomeOf({ event, before, took, isFirst, isFollowing }: Step): StreamFact | undefined {
  if (isFollowing) return undefined;
  switch (event.type) {
    case 'xstate.done.actor.fetchServers':
      return { type: 'answered', request: 'servers', took };
    case 'xstate.done.actor.fetchEvents':
    case 'xstate.done.actor.fetchNextPage':
      return { type: 'answered', request: 'events', took };
    case 'xstate.done.actor.longPoll':
      return { type: 'polled', answer: event.output.type, took };
    case 'xstate.done.actor.deliver':
      return { type: 'delivered', events: before.context.page?.events.length ?? 0, took, isFirst };
    case 'xstate.error.actor.fetchServers':
      return { type: 'requestFailed', request: 'servers', error: event.error, took };
    case 'xstate.error.actor.fetchEvents':
    case 'xstate.error.actor.fetchNextPage':
      return { type: 'requestFailed', request: 'events', error: event.error, took };
    case 'xstate.error.actor.longPoll':
      return { type: 'requestFailed', request: 'poll', error: event.error, took };
  }
  return event.type.startsWith('xstate.after.retryTimeout.')
    ? { type: 'polled', answer: 'silence', took }
    : undefined;
}

function retryOf({ event, before, next }: Step): StreamFact | undefined {
  const { attempt, delay } = next.context;
  if (attempt <= before.context.attempt) return undefined;
  return { type: 'retry', error: isTransient(event.error) ? event.error : noNews, attempt, delay };
}

function recoveryOf({ before, next }: Step): StreamFact | undefined {
  const { attempt } = before.context;
  return attempt > 0 && next.context.attempt === 0 ? { type: 'recovered', attempts: attempt } : undefined;
}

function endOf({ next }: Step): StreamFact | undefined {
  if (next.status === 'active') return undefined;
  return next.status === 'error'
    ? { type: 'failed', error: next.error }
    : { type: 'stopped', streamPosition: next.context.streamPosition };
}

// A back-off without a failed request is one for answers that bring nothing.
const noNews = new BoxError(
  'Box announces changes or asks to reconnect again and again, and there is nothing new.',
  {
    request: 'poll',
    transient: true,
    code: 'no_news',
  },
);
