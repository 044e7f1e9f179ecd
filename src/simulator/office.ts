import type { Collaboration, Comment, File, Folder, Item, Membership, Person, Task } from './items.ts';
import { fileNames, folderNames, groupNames } from './names.ts';
import type { Random } from './random.ts';
import { inventUsers } from './users.ts';

interface OfficeOptions {
  owner: Person;
  random: Random;
  now: () => number;
}

/**
 * What one user has in Box, and the people who work on it. Events that are made up tell of it, so that they agree with each other:
 * what is moved is there, and what is renamed keeps its new name.
 *
 * Where something is asked for that is not there (a comment to delete, when there is none), it has been there all along: added without a
 * word, as if from before the log began.
 */
export class Office {
  readonly owner: Person;
  readonly random: Random;
  readonly #now: () => number;
  readonly colleagues: readonly Person[];
  readonly root: Folder;
  readonly folders: Folder[] = [];
  readonly files: File[] = [];
  readonly trash: File[] = [];
  readonly comments: Comment[] = [];
  readonly tasks: Task[] = [];
  readonly collaborations: Collaboration[] = [];
  readonly memberships: Membership[] = [];
  /** Who is at work, in which session, and on what. */
  actor: Person;
  sessionId = '';
  #file: File | undefined;
  #folder: Folder | undefined;

  constructor({ owner, random, now }: OfficeOptions) {
    this.owner = owner;
    this.random = random;
    this.#now = now;
    this.colleagues = inventUsers(12).filter(({ id }) => id !== owner.id);
    this.actor = owner;
    this.root = this.#createFolder('All Files', undefined, '0');
    while (this.folders.length < 8) this.addFolder();
    while (this.files.length < 20) this.addFile(this.#choose(this.folders) ?? this.root);
    for (const item of [...this.folders, ...this.files]) this.#makeOlder(item);
    this.turnToOtherWork();
  }

  get now(): number {
    return this.#now();
  }

  /** Somebody else, or the same person later, begins with something else. */
  turnToOtherWork(): void {
    const isOwner = this.random.next() < 0.7;
    this.actor = isOwner ? this.owner : this.someColleague();
    this.sessionId = this.random.hex(22);
    this.#file = this.#choose(this.files);
    this.#folder = this.#file?.parent;
  }

  someColleague(): Person {
    return this.#choose(this.colleagues) ?? this.owner;
  }

  /** The file that people are busy with, if it fits, or another one that does, or one that must be made to. */
  someFile(fits: (file: File) => boolean = () => true): File {
    const isBusyWithIt = this.#file !== undefined && !this.#file.isTrashed && fits(this.#file);
    const file = isBusyWithIt ? this.#file : this.#choose(this.files.filter(fits));
    this.#file = file ?? this.addFile(this.someFolder());
    return this.#file;
  }

  /** The folder that people are busy with, under the same conditions. */
  someFolder(fits: (folder: Folder) => boolean = () => true): Folder {
    const isBusyWithIt = this.#folder !== undefined && fits(this.#folder);
    const folder = isBusyWithIt ? this.#folder : this.#choose(this.folders.filter(fits));
    this.#folder = folder ?? this.addFolder();
    return this.#folder;
  }

  /** Below "All Files", or in a folder that is there itself. */
  addFolder(): Folder {
    const parent = this.random.next() < 0.5 ? this.root : (this.#choose(this.folders) ?? this.root);
    const folder = this.#createFolder(this.#freeName(parent, this.random.pick(folderNames)), parent);
    parent.children.set(folder.name, folder);
    this.folders.push(folder);
    this.#folder = folder;
    return folder;
  }

  addFile(parent: Folder, name: string = this.random.pick(fileNames)): File {
    const file: File = {
      ...this.#createItem(this.#freeName(parent, name)),
      type: 'file',
      parent,
      versionId: this.random.digits(13),
      sha1: this.random.hex(40),
      size: this.random.integer(4_000, 9_000_000),
      isTrashed: false,
    };
    parent.children.set(file.name, file);
    this.files.push(file);
    this.#file = file;
    return file;
  }

  move(file: File, parent: Folder): void {
    file.parent.children.delete(file.name);
    file.name = this.#freeName(parent, file.name);
    file.parent = parent;
    parent.children.set(file.name, file);
    this.touch(file);
  }

  rename(file: File, name: string): void {
    const { parent } = file;
    const freeName = this.#freeName(parent, name);
    parent.children.delete(file.name);
    file.name = freeName;
    parent.children.set(freeName, file);
    this.touch(file);
  }

  trashFile(file: File): void {
    file.parent.children.delete(file.name);
    this.files.splice(this.files.indexOf(file), 1);
    this.trash.push(file);
    file.isTrashed = true;
    file.lock = undefined;
    file.sharedLink = undefined;
    this.touch(file);
  }

  /** Takes a file back out of the trash, to where it was. */
  restoreFile(): File {
    if (this.trash.length === 0) this.trashFile(this.someFile());
    const [file] = this.trash.splice(this.random.integer(0, this.trash.length - 1), 1);
    if (file === undefined) throw new Error('The trash is empty');
    file.isTrashed = false;
    this.files.push(file);
    this.move(file, file.parent);
    this.#file = file;
    return file;
  }

  /** Somebody changes an item. */
  touch(item: Item): void {
    item.changes += 1;
    item.modifiedAt = this.now;
    item.modifiedBy = this.actor;
  }

  changeContent(file: File): void {
    file.versionId = this.random.digits(13);
    file.sha1 = this.random.hex(40);
    file.size = Math.max(1, Math.round(file.size * (0.8 + this.random.next() * 0.5)));
    this.touch(file);
  }

  /** What everything that somebody makes in Box begins with. */
  authorship(): { id: string; createdAt: number; createdBy: Person } {
    return { id: this.random.digits(12), createdAt: this.now, createdBy: this.actor };
  }

  someGroup(): { id: string; name: string } {
    const name = this.random.pick(groupNames);
    return { id: String(5_330_001 + groupNames.indexOf(name)), name };
  }

  #createFolder(name: string, parent: Folder | undefined, id?: string): Folder {
    const folder: Folder = {
      ...this.#createItem(name),
      type: 'folder',
      isSynced: false,
      children: new Map(),
    };
    if (id !== undefined) folder.id = id;
    if (parent !== undefined) folder.parent = parent;
    return folder;
  }

  #createItem(name: string) {
    const { id, createdAt, createdBy } = this.authorship();
    const authorship = { createdAt, createdBy, modifiedAt: createdAt, modifiedBy: createdBy };
    return { id, name, changes: 0, owner: this.owner, ...authorship };
  }

  /** It has been there for up to a year. */
  #makeOlder(item: Item): void {
    item.createdAt -= this.random.integer(1, 365) * 86_400_000;
    item.modifiedAt = item.createdAt;
  }

  /** The name, or the name with a number when something in the folder has it: Box keeps the names in a folder apart. */
  #freeName(folder: Folder, name: string): string {
    const [, stem, extension] = /^(.*?)(\.[^.]+)?$/.exec(name) ?? [];
    let freeName = name;
    for (let number = 1; folder.children.has(freeName); number += 1) {
      freeName = `${stem} (${number})${extension ?? ''}`;
    }
    return freeName;
  }

  #choose<Choice>(choices: readonly Choice[]): Choice | undefined {
    return choices[this.random.integer(0, choices.length - 1)];
  }
}
