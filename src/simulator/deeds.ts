import {
  describeAccount,
  describeAssignment,
  describeBriefly,
  describeCollaboration,
  describeComment,
  describeItem,
  describeMembership,
  describePerson,
  describeTask,
} from './descriptions.ts';
import type { UserEventType } from './event-types.ts';
import type { Collaboration, Comment, File, Membership, Task } from './items.ts';
import { comments, fileNames, tags, taskMessages } from './names.ts';
import type { Office } from './office.ts';
import type { SimulatorEvent } from './simulator-event.ts';

/** Somebody does something in an office: changes what is there, and gives the event that tells of it. */
export function perform(eventType: UserEventType, office: Office): SimulatorEvent {
  return {
    event_type: eventType,
    created_by: describePerson(office.actor),
    session_id: office.sessionId,
    ...deeds[eventType](office),
  };
}

const deeds: Record<UserEventType, (office: Office) => SimulatorEvent> = {
  ITEM_CREATE: (office) => ({ source: describeItem(office.addFolder()) }),
  ITEM_UPLOAD: (office) => ({ source: describeItem(upload(office)) }),
  ITEM_MOVE(office) {
    const file = office.someFile();
    office.move(
      file,
      office.someFolder((folder) => folder !== file.parent),
    );
    return { source: describeItem(file) };
  },
  ITEM_COPY(office) {
    const { parent, name } = office.someFile();
    return { source: describeItem(office.addFile(parent, name)) };
  },
  ITEM_RENAME(office) {
    const file = office.someFile();
    office.rename(file, newNameOf(file, office));
    return { source: describeItem(file) };
  },
  ITEM_TRASH(office) {
    const file = office.someFile();
    office.trashFile(file);
    return { source: describeItem(file) };
  },
  ITEM_UNDELETE_VIA_TRASH: (office) => ({ source: describeItem(office.restoreFile()) }),
  ITEM_MAKE_CURRENT_VERSION(office) {
    const file = office.someFile();
    office.changeContent(file);
    return { source: describeItem(file) };
  },
  ITEM_DOWNLOAD: download,
  ITEM_PREVIEW: (office) => ({ source: describeItem(office.someFile()) }),

  LOCK_CREATE(office) {
    const file = office.someFile(({ lock }) => lock === undefined);
    file.lock = office.authorship();
    office.touch(file);
    return { source: describeItem(file) };
  },
  LOCK_DESTROY(office) {
    const file = office.someFile(({ lock }) => lock !== undefined);
    file.lock = undefined;
    office.touch(file);
    return { source: null };
  },
  ITEM_SYNC(office) {
    const folder = office.someFolder(({ isSynced }) => !isSynced);
    folder.isSynced = true;
    return { source: describeItem(folder) };
  },
  ITEM_UNSYNC(office) {
    const folder = office.someFolder(({ isSynced }) => isSynced);
    folder.isSynced = false;
    return { source: describeItem(folder) };
  },

  COLLAB_INVITE_COLLABORATOR(office) {
    const collaboration = invite(office);
    const accessibleBy = describePerson(collaboration.person);
    return { ...collaborationEvent(collaboration, office), accessible_by: accessibleBy, action_by: null };
  },
  COLLAB_ADD_COLLABORATOR(office) {
    const pending = office.collaborations.find(({ status }) => status === 'pending');
    const collaboration = pending ?? invite(office);
    collaboration.status = 'accepted';
    return collaborationEvent(collaboration, office);
  },
  COLLAB_ROLE_CHANGE(office) {
    const collaboration = office.collaborations.at(-1) ?? invite(office);
    collaboration.role = collaboration.role === 'viewer' ? 'editor' : 'viewer';
    return collaborationEvent(collaboration, office);
  },
  COLLAB_REMOVE_COLLABORATOR(office) {
    const collaboration = office.collaborations.shift() ?? newCollaboration(office);
    return collaborationEvent(collaboration, office);
  },
  GROUP_ADD_USER(office) {
    const membership = newMembership(office);
    remember(office.memberships, membership);
    return { source: describeMembership(membership) };
  },
  GROUP_REMOVE_USER: (office) => ({
    source: describeMembership(office.memberships.shift() ?? newMembership(office)),
  }),

  COMMENT_CREATE(office) {
    const comment = newComment(office);
    remember(office.comments, comment);
    return { source: describeComment(comment) };
  },
  COMMENT_DELETE(office) {
    const index = office.comments.findIndex(({ file }) => !file.isTrashed);
    const [comment] = index === -1 ? [] : office.comments.splice(index, 1);
    return { source: describeComment(comment ?? newComment(office)) };
  },
  TASK_CREATE(office) {
    const task = newTask(office);
    remember(office.tasks, task);
    return { source: describeTask(task) };
  },
  TASK_ASSIGNMENT_CREATE(office) {
    const task = office.tasks.findLast(({ file }) => !file.isTrashed) ?? newTask(office);
    const assignee = office.someColleague();
    return { source: describeAssignment(office.random.digits(12), task, assignee, office.now) };
  },
  TAG_ITEM_CREATE: (office) => ({
    source: { ...describeItem(office.someFile()), tags: [office.random.pick(tags)] },
  }),

  ITEM_SHARED(office) {
    const folder = office.someFolder();
    return { source: describeBriefly(folder) };
  },
  ITEM_SHARED_CREATE(office) {
    const file = office.someFile(({ sharedLink }) => sharedLink === undefined);
    file.sharedLink = office.random.hex(32);
    office.touch(file);
    return { source: describeItem(file) };
  },
  ITEM_SHARED_UNSHARE(office) {
    const file = office.someFile(({ sharedLink }) => sharedLink !== undefined);
    file.sharedLink = undefined;
    office.touch(file);
    return { source: describeItem(file) };
  },

  ENABLE_TWO_FACTOR_AUTH: accountEvent,
  MASTER_INVITE_ACCEPT: accountEvent,
  MASTER_INVITE_REJECT: accountEvent,
  ACCESS_GRANTED: accountEvent,
  ACCESS_REVOKED: accountEvent,
};

/** Past so many files, an upload is always a new version of one. */
const enoughFiles = 1_000;

/** How much of what people said is remembered. */
const memory = 100;

/** A new file, or now and then a new version of one. */
function upload(office: Office): File {
  const isNewVersion = office.random.next() < 0.2 || office.files.length >= enoughFiles;
  if (!isNewVersion) return office.addFile(office.someFolder());
  const file = office.someFile();
  office.changeContent(file);
  return file;
}

/** Through a shared link, a download may be anybody's: Box calls whoever is not logged in user 2. */
function download(office: Office): SimulatorEvent {
  const file = office.someFile();
  const event = { source: describeItem(file), ip_address: `203.0.113.${office.random.integer(1, 254)}` };
  if (file.sharedLink === undefined || office.random.next() < 0.5) return event;
  return { ...event, created_by: { type: 'user', id: '2' }, session_id: null };
}

function newNameOf({ name }: File, office: Office): string {
  const renamed = office.random.pick(fileNames);
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
  const stem = renamed.slice(0, renamed.lastIndexOf('.'));
  return `${stem} v${office.random.integer(2, 9)}${extension}`;
}

function invite(office: Office): Collaboration {
  const collaboration = newCollaboration(office);
  remember(office.collaborations, collaboration);
  return collaboration;
}

function newCollaboration(office: Office): Collaboration {
  const { random } = office;
  const role = random.pick(['editor', 'viewer', 'previewer', 'uploader', 'co-owner']);
  const folder = office.someFolder();
  return { ...office.authorship(), folder, person: office.someColleague(), role, status: 'pending' };
}

function collaborationEvent(collaboration: Collaboration, { now }: Office): SimulatorEvent {
  return { source: describeCollaboration(collaboration, now) };
}

function newMembership(office: Office): Membership {
  return { ...office.authorship(), group: office.someGroup(), person: office.someColleague() };
}

function newComment(office: Office): Comment {
  return { ...office.authorship(), file: office.someFile(), message: office.random.pick(comments) };
}

function newTask(office: Office): Task {
  return { ...office.authorship(), file: office.someFile(), message: office.random.pick(taskMessages) };
}

/** What happens to an account happens outside of any session. */
function accountEvent({ owner, now }: Office): SimulatorEvent {
  return { source: describeAccount(owner, now), created_by: describePerson(owner), session_id: null };
}

function remember<Thing>(things: Thing[], thing: Thing): void {
  things.push(thing);
  if (things.length > memory) things.shift();
}
