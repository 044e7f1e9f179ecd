import type { Collaboration, Comment, File, Folder, Item, Membership, Person, Task } from './items.ts';

/** A time as Box writes it: to the second, in California's winter time. */
export function boxTime(now: number): string {
  return new Date(now - 8 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '-08:00');
}

/** Somebody as Box nests them into other things. */
export function describePerson({ id, name, login }: Person): object {
  return { type: 'user', id, name, login };
}

/** A user as the source of an event, see https://developer.box.com/reference/resources/user. */
export function describeAccount(person: Person, now: number): object {
  return {
    ...describePerson(person),
    created_at: boxTime(now - 400 * day),
    modified_at: boxTime(now),
    language: 'en',
    timezone: 'America/Los_Angeles',
    space_amount: 10_737_418_240,
    space_used: 3_825_205_247,
    max_upload_size: 5_368_709_120,
    status: 'active',
    job_title: '',
    phone: '',
    address: '',
    avatar_url: `https://app.box.com/api/avatar/large/${person.id}`,
  };
}

/** A file or a folder in full, see https://developer.box.com/reference/resources/file. */
export function describeItem(item: Item): object {
  const { createdAt, createdBy, modifiedAt, modifiedBy, owner } = item;
  const isTrashed = item.type === 'file' && item.isTrashed;
  const path = isTrashed ? [trash] : pathOf(item);
  return {
    ...describeMini(item),
    ...(item.type === 'file' ? describeContent(item) : { size: sizeOf(item), synced: item.isSynced }),
    description: '',
    path_collection: { total_count: path.length, entries: path },
    created_at: boxTime(createdAt),
    modified_at: boxTime(modifiedAt),
    trashed_at: isTrashed ? boxTime(modifiedAt) : null,
    purged_at: null,
    content_created_at: boxTime(createdAt),
    content_modified_at: boxTime(modifiedAt),
    created_by: describePerson(createdBy),
    modified_by: describePerson(modifiedBy),
    owned_by: describePerson(owner),
    shared_link: item.sharedLink === undefined ? null : describeSharedLink(item.sharedLink),
    parent: path.at(-1) ?? null,
    item_status: isTrashed ? 'trashed' : 'active',
  };
}

/** The form without `type` that Box gives some sources: `EventSource` in its reference. */
export function describeBriefly(item: Item): object {
  return {
    item_type: item.type,
    item_id: item.id,
    item_name: item.name,
    parent: item.parent === undefined ? null : describeMini(item.parent),
    owned_by: describePerson(item.owner),
  };
}

/** https://developer.box.com/reference/resources/collaboration */
export function describeCollaboration(collaboration: Collaboration, now: number): object {
  const { id, folder, person, role, status, createdAt, createdBy } = collaboration;
  return {
    type: 'collaboration',
    id,
    created_by: describePerson(createdBy),
    created_at: boxTime(createdAt),
    modified_at: boxTime(now),
    expires_at: null,
    status,
    accessible_by: describePerson(person),
    role,
    acknowledged_at: status === 'accepted' ? boxTime(now) : null,
    item: describeNested(folder),
  };
}

/** https://developer.box.com/reference/resources/comment */
export function describeComment({ id, file, message, createdAt, createdBy }: Comment): object {
  return {
    type: 'comment',
    id,
    is_reply_comment: false,
    message,
    created_by: describePerson(createdBy),
    created_at: boxTime(createdAt),
    modified_at: boxTime(createdAt),
    item: describeNested(file),
  };
}

/** https://developer.box.com/reference/resources/task */
export function describeTask({ id, file, message, createdAt, createdBy }: Task): object {
  return {
    type: 'task',
    id,
    item: describeNested(file),
    due_at: boxTime(createdAt + 3 * day),
    action: 'review',
    message,
    task_assignment_collection: { total_count: 0, entries: [] },
    is_completed: false,
    created_by: describePerson(createdBy),
    created_at: boxTime(createdAt),
    completion_rule: 'all_assignees',
  };
}

/** https://developer.box.com/reference/resources/task-assignment */
export function describeAssignment(id: string, { file, message, createdBy }: Task, to: Person, now: number) {
  return {
    type: 'task_assignment',
    id,
    item: describeNested(file),
    assigned_to: describePerson(to),
    message,
    completed_at: null,
    assigned_at: boxTime(now),
    reminded_at: null,
    resolution_state: 'incomplete',
    assigned_by: describePerson(createdBy),
  };
}

/** https://developer.box.com/reference/resources/group-membership */
export function describeMembership({ id, group, person, createdAt }: Membership): object {
  return {
    type: 'group_membership',
    id,
    user: describePerson(person),
    group: { type: 'group', id: group.id, name: group.name, group_type: 'managed_group' },
    role: 'member',
    created_at: boxTime(createdAt),
    modified_at: boxTime(createdAt),
  };
}

const day = 86_400_000;

const trash = { type: 'folder', id: '1', sequence_id: null, etag: null, name: 'Trash' };

function describeMini(item: Item): object {
  const { type, id, name } = item;
  const changes = item.parent === undefined ? null : String(item.changes);
  const mini = { type, id, sequence_id: changes, etag: changes, name };
  if (item.type === 'folder') return mini;
  const { versionId, sha1 } = item;
  return { ...mini, sha1, file_version: { type: 'file_version', id: versionId, sha1 } };
}

/** An item inside a comment, a task or a collaboration: with the folders above it, so that it can be placed. */
function describeNested(item: Item): object {
  return { ...describeMini(item), parent: item.parent === undefined ? null : describeMini(item.parent) };
}

function describeContent({ size, lock }: File): object {
  if (lock === undefined) return { size };
  const { id, createdAt, createdBy } = lock;
  return {
    size,
    lock: {
      type: 'lock',
      id,
      created_by: describePerson(createdBy),
      created_at: boxTime(createdAt),
      expired_at: boxTime(createdAt + day),
      is_download_prevented: false,
    },
  };
}

function describeSharedLink(key: string): object {
  return {
    url: `https://acme.app.box.com/s/${key}`,
    download_url: `https://acme.app.box.com/shared/static/${key}`,
    vanity_url: null,
    vanity_name: null,
    effective_access: 'company',
    effective_permission: 'can_download',
    is_password_enabled: false,
    unshared_at: null,
    download_count: 0,
    preview_count: 0,
    access: 'company',
    permissions: { can_preview: true, can_download: true, can_edit: false },
  };
}

/** The folders above an item, from "All Files" down. */
function pathOf(item: Item): object[] {
  const path: object[] = [];
  for (let folder = item.parent; folder !== undefined; folder = folder.parent)
    path.unshift(describeMini(folder));
  return path;
}

function sizeOf(folder: Folder): number {
  let size = 0;
  for (const child of folder.children.values()) size += child.type === 'file' ? child.size : sizeOf(child);
  return size;
}
