import type { SimulatorUser } from './users.ts';

/** Somebody who does something, or to whom something is done. */
export type Person = Pick<SimulatorUser, 'id' | 'name' | 'login'>;

interface ItemFields {
  id: string;
  name: string;
  parent: Folder;
  /** How often it has been changed: what Box writes as `etag` and `sequence_id`. */
  changes: number;
  createdAt: number;
  createdBy: Person;
  modifiedAt: number;
  modifiedBy: Person;
  owner: Person;
  /** The key in the URL of its shared link. */
  sharedLink?: string | undefined;
}

export interface File extends ItemFields {
  type: 'file';
  versionId: string;
  sha1: string;
  size: number;
  isTrashed: boolean;
  lock?: Lock | undefined;
}

export interface Folder extends Omit<ItemFields, 'parent'> {
  type: 'folder';
  /** Nothing stands above "All Files". */
  parent?: Folder;
  isSynced: boolean;
  children: Map<string, Item>;
}

export type Item = File | Folder;

export interface Lock {
  id: string;
  createdAt: number;
  createdBy: Person;
}

export interface Collaboration {
  id: string;
  folder: Folder;
  person: Person;
  role: string;
  status: 'accepted' | 'pending';
  createdAt: number;
  createdBy: Person;
}

export interface Comment {
  id: string;
  file: File;
  message: string;
  createdAt: number;
  createdBy: Person;
}

export interface Task {
  id: string;
  file: File;
  message: string;
  createdAt: number;
  createdBy: Person;
}

export interface Membership {
  id: string;
  group: { id: string; name: string };
  person: Person;
  createdAt: number;
}
