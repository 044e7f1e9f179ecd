import type { UserToFollow } from '../machines/users-input.ts';

/** Whom a loop is to follow. */
export interface Roster {
  /** Loads where to start each of those who are named so far, and hands them on. Rejects when that fails. */
  begin(): Promise<void>;
  /** Adds a user. Resolves once handed on; at once before `begin()`. */
  add(user: UserToFollow): Promise<void>;
  /** Takes a user off, who may not have been handed on yet. */
  remove(userId: string): void;
}

interface RosterOptions {
  /** Where to start a user. */
  readonly startOf: (user: UserToFollow) => Promise<string | undefined>;
  readonly follow: (user: UserToFollow) => void;
  readonly unfollow: (userId: string) => void;
}

export function createRoster(
  users: readonly UserToFollow[],
  { startOf, follow, unfollow }: RosterOptions,
): Roster {
  const pending = new Map(users.map((user) => [user.userId, user]));
  let hasBegun = false;

  const handOn = async (named: readonly UserToFollow[]) => {
    const starts = await Promise.all(
      named.map(async (user) => ({ user, streamPosition: await startOf(user) })),
    );
    for (const { user, streamPosition } of starts) {
      // Taken off, or named anew, while it was being loaded.
      if (pending.get(user.userId) !== user) continue;
      pending.delete(user.userId);
      follow({ userId: user.userId, streamPosition });
    }
  };

  return {
    begin() {
      hasBegun = true;
      return handOn([...pending.values()]);
    },
    async add(user) {
      pending.set(user.userId, user);
      if (!hasBegun) return;
      try {
        await handOn([user]);
      } finally {
        if (pending.get(user.userId) === user) pending.delete(user.userId);
      }
    },
    remove(userId) {
      pending.delete(userId);
      if (hasBegun) unfollow(userId);
    },
  };
}
