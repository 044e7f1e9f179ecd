import type { UserToFollow } from './users-input.ts';

/** The users who wait to be started, in the order of their turn, each once. */
type UsersQueue = readonly UserToFollow[];

/** Whether a user waits. */
export function isQueued(queue: UsersQueue, userId: string): boolean {
  return idsOf(queue).has(userId);
}

/** The queue with one more behind all others. */
export function withLast(queue: UsersQueue, user: UserToFollow): UsersQueue {
  return moveIds(queue, [...queue, user], (ids) => ids.add(user.userId));
}

/** The queue without a user who was in it. */
export function withoutUser(queue: UsersQueue, user: UserToFollow): UsersQueue {
  return moveIds(queue, queue.toSpliced(queue.indexOf(user), 1), (ids) => ids.delete(user.userId));
}

/** The queue in which a user, if in it, starts at this position, unless another one was given. */
export function withStart(queue: UsersQueue, { userId, streamPosition }: UserToFollow): UsersQueue {
  if (!isQueued(queue, userId)) return queue;
  return queue.map((user) =>
    user.userId === userId ? { userId, streamPosition: user.streamPosition ?? streamPosition } : user,
  );
}

// An index of each queue, beside the context, which is to stay plain JSON. It moves on from queue to queue: to go through the queue for each
// of 10,000 users who come at once held up everything else for half a second.
const indices = new WeakMap<UsersQueue, Set<string>>();

function idsOf(queue: UsersQueue): Set<string> {
  const known = indices.get(queue);
  if (known) return known;
  const ids = new Set(queue.map(({ userId }) => userId));
  indices.set(queue, ids);
  return ids;
}

function moveIds(from: UsersQueue, to: UsersQueue, change: (ids: Set<string>) => void): UsersQueue {
  const ids = idsOf(from);
  change(ids);
  indices.delete(from);
  indices.set(to, ids);
  return to;
}
