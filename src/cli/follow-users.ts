import { BoxError } from '../../machines/box-error.ts';
import type { StreamType } from '../../machines/stream-input.ts';
import type { UserToFollow } from '../../machines/users-input.ts';
import { type BoxEventsFor, boxEventsFor } from '../box-events-for.ts';
import type { Positions } from '../positions/positions.ts';
import type { ServicesOptions } from '../services.ts';
import { describeError } from './command-error.ts';
import type { EventOutput } from './event-output.ts';
import { isClosedPipe } from './follow.ts';
import type { Progress } from './progress.ts';
import { onSignals } from './signals.ts';
import { observeUsers } from './users-progress.ts';

/** Whom to follow, and where everything goes. */
export interface FollowUsersOptions {
  readonly services: ServicesOptions;
  readonly users: readonly UserToFollow[];
  readonly streamType: StreamType;
  readonly output: EventOutput;
  readonly positions: Positions | undefined;
  readonly progress: Progress;
}

/** How it ended. */
export interface UsersEnding {
  /** `closedPipe`: nobody reads the events any more. `failed`: also when the stream of every user has. */
  readonly how: 'stopped' | 'closedPipe' | 'failed';
  /** How many users' streams have failed for good. */
  readonly failed: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/**
 * Follows many users until a signal, a closed pipe or a failure ends it, or until nobody is left. A page goes out first, and then its
 * position is saved.
 */
export async function followUsers({ progress, ...options }: FollowUsersOptions): Promise<UsersEnding> {
  const { services, users, streamType, output, positions } = options;
  let failed = 0;
  let lastFailure: unknown;
  const events: BoxEventsFor = boxEventsFor({
    ...services,
    ...{ users, streamType, positions },
    onFailed({ userId, error }) {
      // One token acts for all: when it is refused for one, or cannot be had, it is so for everybody.
      if (error instanceof BoxError && (error.status === 401 || error.request === 'token')) throw error;
      failed += 1;
      lastFailure = error;
      progress.say(`user ${userId}: ${describeError(error)}`);
      if (failed === users.length) events.actor.send({ type: 'stop' });
    },
    onSaveError({ userIds: [userId], error }) {
      progress.say(`cannot save positions, that of ${userId} for one: ${describeError(error)} Trying again.`);
    },
  });
  const tellPlace = observeUsers(events.actor, { progress, total: users.length, failed: () => failed });
  const releaseSignals = onSignals({
    stop: () => events.actor.send({ type: 'stop' }),
    abandon: () => progress.close(),
  });
  try {
    for await (const page of events.pages()) {
      progress.hide();
      await output.writePage(page);
      progress.show();
      tellPlace(page.events.length);
    }
    return failed === users.length
      ? { how: 'failed', failed, error: lastFailure }
      : { how: 'stopped', failed };
  } catch (error) {
    return isClosedPipe(error) ? { how: 'closedPipe', failed } : { how: 'failed', failed, error };
  } finally {
    releaseSignals();
    progress.close();
  }
}
