import {
  type CheckedUsers,
  checkUsers,
  type UsersInput,
  type UserToFollow,
} from '../machines/users-input.ts';
import type { SharedServices } from './box-events.ts';
import type { Positions } from './positions/positions.ts';
import type { SavingOptions } from './positions/saver.ts';
import type { ServicesOptions } from './services.ts';
import { checkTokenForMany } from './token.ts';
import { readUsers, type UserOrId } from './users-to-follow.ts';

/** Whom to follow, who asks Box and how, where the positions are kept, and when to end. */
export type BoxEventsForOptions = Omit<UsersInput, 'users'> &
  SavingOptions &
  (ServicesOptions | SharedServices) & {
    /** Whom to follow from the beginning: ids, or with each where to start when no position of it is kept (`now` by default). */
    readonly users: Iterable<UserOrId>;
    /**
     * Is told of each user whose stream has failed for good, revoked for one; the others go on, and the user may be followed again. It is
     * asked for since nobody else would hear of it. What it throws, or rejects with, ends the loop.
     */
    readonly onFailed: (failure: UserFailure) => void;
    /** Where the users' positions are loaded from, and saved while the loop runs. By default they are not kept. */
    readonly positions?: Positions | undefined;
    /**
     * How many pages may be in memory at once, for all users together: the one in hand, those that wait their turn, and those that are being
     * fetched. A page has up to `limit` events. Users whose last fetch failed share half of it, for they may hang again.
     *
     * @default 64
     */
    readonly pagesInMemory?: number | undefined;
    /** Ends the loop: it then rejects with the signal's reason. */
    readonly signal?: AbortSignal | undefined;
  };

/** A user whose stream has failed for good. */
export interface UserFailure {
  /** Whose stream. */
  readonly userId: string;
  /** Why: mostly a `BoxError`. */
  readonly error: unknown;
}

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws {TypeError} that says which option is wrong, and what it should be.
 */
export function readOptions(options: BoxEventsForOptions): {
  readonly input: CheckedUsers;
  readonly users: readonly UserToFollow[];
  readonly pagesInMemory: number;
} {
  if (!options) throw new TypeError('boxEventsFor() needs options, at least users, a token and onFailed.');
  const { onFailed, pagesInMemory = 64 } = options;
  if (typeof onFailed !== 'function') {
    throw new TypeError(
      'onFailed must be a function: it is told of users whose streams fail for good, of whom nobody else would hear.',
    );
  }
  if (!Number.isInteger(pagesInMemory) || pagesInMemory < 1) {
    throw new TypeError(`pagesInMemory must be a whole number from 1, not ${String(pagesInMemory)}.`);
  }
  if ('token' in options) checkTokenForMany(options);
  return { input: checkUsers(options), users: readUsers(options.users), pagesInMemory };
}
