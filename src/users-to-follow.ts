import { checkInput } from '../machines/stream-input.ts';
import type { UserToFollow } from '../machines/users-input.ts';

/** A user's id, or with it where to start when no position is kept. */
export type UserOrId = string | UserToFollow;

/** @throws {TypeError} that says what is wrong with the user. */
export function readUser(user: UserOrId): UserToFollow {
  const { userId, streamPosition }: Partial<UserToFollow> =
    typeof user === 'string' ? { userId: user } : (user ?? {});
  if (userId === undefined) throw new TypeError('A user to follow must be an id, or have a userId.');
  checkInput({ userId, streamPosition });
  return { userId, streamPosition };
}

/** @throws {TypeError} that says what is wrong with one of the users. */
export function readUsers(users: Iterable<UserOrId>): UserToFollow[] {
  if (typeof users === 'string' || typeof users?.[Symbol.iterator] !== 'function') {
    throw new TypeError('users must be a list of ids, or of { userId, streamPosition }.');
  }
  return Array.from(users, readUser);
}
