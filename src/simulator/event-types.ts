/** The streams of a user that Box serves, see https://developer.box.com/guides/events/user-events/for-user. */
export const streamTypes: readonly StreamType[] = ['all', 'changes', 'sync'];

/** One of them. */
export type StreamType = 'all' | 'changes' | 'sync';

export function isStreamType(name: string): name is StreamType {
  return streamTypes.some((streamType) => streamType === name);
}

/** What may change the tree of files: Box puts these into all three streams. */
const changeEventTypes = [
  'ITEM_CREATE',
  'ITEM_UPLOAD',
  'ITEM_MOVE',
  'ITEM_COPY',
  'LOCK_CREATE',
  'LOCK_DESTROY',
  'ITEM_TRASH',
  'ITEM_UNDELETE_VIA_TRASH',
  'COLLAB_ADD_COLLABORATOR',
  'COLLAB_ROLE_CHANGE',
  'COLLAB_INVITE_COLLABORATOR',
  'COLLAB_REMOVE_COLLABORATOR',
  'ITEM_SYNC',
  'ITEM_UNSYNC',
  'ITEM_RENAME',
  'ITEM_MAKE_CURRENT_VERSION',
  'GROUP_ADD_USER',
  'GROUP_REMOVE_USER',
] as const;

/** What Box puts into the stream `all` only. */
const otherEventTypes = [
  'COMMENT_CREATE',
  'COMMENT_DELETE',
  'ITEM_DOWNLOAD',
  'ITEM_PREVIEW',
  'TASK_ASSIGNMENT_CREATE',
  'TASK_CREATE',
  'ITEM_SHARED_CREATE',
  'ITEM_SHARED_UNSHARE',
  'ITEM_SHARED',
  'TAG_ITEM_CREATE',
  'ENABLE_TWO_FACTOR_AUTH',
  'MASTER_INVITE_ACCEPT',
  'MASTER_INVITE_REJECT',
  'ACCESS_GRANTED',
  'ACCESS_REVOKED',
] as const;

/** Every event type that Box documents for the streams of a user. Box says that the list is not exhaustive. */
export const userEventTypes = [...changeEventTypes, ...otherEventTypes] as const;

/** One of {@link userEventTypes}. */
export type UserEventType = (typeof userEventTypes)[number];

const changes: ReadonlySet<unknown> = new Set(changeEventTypes);
const all: ReadonlySet<unknown> = new Set(userEventTypes);

export function isChange(eventType: unknown): boolean {
  return changes.has(eventType);
}

export function isUserEventType(eventType: unknown): eventType is UserEventType {
  return all.has(eventType);
}
