import type { BoxEventsFor } from '../box-events-for.ts';
import type { Progress } from './progress.ts';

interface UsersProgressOptions {
  readonly progress: Progress;
  /** How many users there are. */
  readonly total: number;
  /** How many of their streams have failed for good by now. */
  readonly failed: () => number;
}

/**
 * Tells what the streams of many users do: how many are followed, and who retries, at most once in ten seconds, for an outage makes
 * everybody retry at once.
 *
 * @returns what tells that so many events more are out.
 */
export function observeUsers(
  actor: BoxEventsFor['actor'],
  { progress, total, failed }: UsersProgressOptions,
): (events: number) => void {
  let told = '';
  let retries = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  const place = () => {
    const { following } = actor.getSnapshot().context;
    return `${following.length} of ${total} users${failed() > 0 ? `, ${failed()} failed` : ''}`;
  };

  actor.on('retry', ({ userId, error, delay }) => {
    retries += 1;
    if (performance.now() - toldAt < restBetweenRetries) return;
    const others = retries > 1 ? `, after ${retries - 1} other retries` : '';
    progress.say(`user ${userId} retries in ${(delay / 1_000).toFixed(1)} s${others}: ${error.message}`);
    toldAt = performance.now();
    retries = 0;
  });
  actor.subscribe({
    next: ({ value, context }) => {
      // Those who have failed do not come back.
      const isComplete = context.following.length + failed() === total;
      const state =
        value === 'stopping' || value === 'stopped' ? value : isComplete ? 'polling' : 'fetchingServers';
      if (`${state} ${place()}` === told) return;
      told = `${state} ${place()}`;
      progress.enter(state);
      progress.advance(0, place());
    },
    // The loop rejects with it.
    error: () => {},
  });
  return (events) => progress.advance(events, place());
}

const restBetweenRetries = 10_000;
