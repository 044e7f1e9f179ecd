/**
 * An event as Box sent it: nothing is renamed, added or dropped. Box requires no field, so each one but `type` may be missing, and
 * fields that are not listed here may be there.
 *
 * @see https://developer.box.com/reference/resources/event
 */
export interface BoxEvent {
  /** Always `event`. */
  readonly type: string;
  /** Tells duplicates: Box sends an event more than once. 40 hex digits or a UUID. */
  readonly event_id?: string;
  /** What happened. Box adds types without notice: treat an unknown one like any other. */
  readonly event_type?: KnownEventType | (string & {});
  /** When it happened, as RFC 3339. */
  readonly created_at?: string;
  /** When Box stored it, as RFC 3339. */
  readonly recorded_at?: string;
  /** Who did it. */
  readonly created_by?: BoxUser | null;
  /** The session in which they did it; not always there. */
  readonly session_id?: string | null;
  /** The file, folder, comment, … it happened to, in Box's own shape for the type; `LOCK_DESTROY`, for one, has none. */
  readonly source?: BoxSource | null;
  readonly [field: string]: unknown;
}

/** The user behind an event, as Box abbreviates it. */
export interface BoxUser {
  /** Always `user`. */
  readonly type?: string;
  /** Box's id of the user, a decimal string. */
  readonly id?: string;
  /** As the user wishes to be called. */
  readonly name?: string;
  /** The user's e-mail address. */
  readonly login?: string;
  readonly [field: string]: unknown;
}

/** What an event happened to. The fields depend on `type`; some sources carry `item_type` and `item_id` instead. */
export interface BoxSource {
  /** `file`, `folder`, `web_link`, `comment`, `collaboration`, `user`, … */
  readonly type?: string;
  /** Box's id of it, a decimal string. */
  readonly id?: string;
  /** What it is called, where it has a name. */
  readonly name?: string;
  /** The folder it lies in; `null` for the root. */
  readonly parent?: BoxSource | null;
  readonly [field: string]: unknown;
}

/**
 * The event types that Box documents for the streams of a user. The list is not exhaustive, says Box.
 *
 * @see https://developer.box.com/guides/events/user-events/for-user
 */
export type KnownEventType =
  | 'ACCESS_GRANTED'
  | 'ACCESS_REVOKED'
  | 'ADD_DEVICE_ASSOCIATION'
  | 'ADD_LOGIN_ACTIVITY_DEVICE'
  | 'CHANGE_ADMIN_ROLE'
  | 'CHANGE_FOLDER_PERMISSION'
  | 'COLLAB_ADD_COLLABORATOR'
  | 'COLLAB_INVITE_COLLABORATOR'
  | 'COLLAB_REMOVE_COLLABORATOR'
  | 'COLLAB_ROLE_CHANGE'
  | 'COMMENT_CREATE'
  | 'COMMENT_DELETE'
  | 'COMMENT_EDIT'
  | 'DISABLE_MULTI_FACTOR_AUTH'
  | 'EMAIL_ALIAS_CONFIRM'
  | 'EMAIL_ALIAS_PRIMARY'
  | 'EMAIL_ALIAS_REMOVE'
  | 'ENABLE_MULTI_FACTOR_AUTH'
  | 'ENABLE_TWO_FACTOR_AUTH'
  | 'FAILED_LOGIN'
  | 'FILE_MARKED_MALICIOUS'
  | 'FILE_WATERMARKED_DOWNLOAD'
  | 'GROUP_ADD_USER'
  | 'GROUP_REMOVE_USER'
  | 'ITEM_COPY'
  | 'ITEM_CREATE'
  | 'ITEM_DOWNLOAD'
  | 'ITEM_EMAIL_SEND'
  | 'ITEM_MAKE_CURRENT_VERSION'
  | 'ITEM_MODIFY'
  | 'ITEM_MOVE'
  | 'ITEM_OPEN'
  | 'ITEM_PREVIEW'
  | 'ITEM_RENAME'
  | 'ITEM_SHARED'
  | 'ITEM_SHARED_CREATE'
  | 'ITEM_SHARED_UNSHARE'
  | 'ITEM_SHARED_UPDATE'
  | 'ITEM_SYNC'
  | 'ITEM_TRASH'
  | 'ITEM_UNDELETE_VIA_TRASH'
  | 'ITEM_UNSYNC'
  | 'ITEM_UPLOAD'
  | 'LOCK_CREATE'
  | 'LOCK_DESTROY'
  | 'LOGIN'
  | 'MASTER_INVITE_ACCEPT'
  | 'MASTER_INVITE_REJECT'
  | 'REMOVE_DEVICE_ASSOCIATION'
  | 'REMOVE_LOGIN_ACTIVITY_DEVICE'
  | 'TAG_ITEM_CREATE'
  | 'TASK_ASSIGNMENT_CREATE'
  | 'TASK_ASSIGNMENT_DELETE'
  | 'TASK_ASSIGNMENT_UPDATE'
  | 'TASK_CREATE'
  | 'TASK_UPDATE';
