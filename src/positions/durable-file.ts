import { open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Replaces a file, on disk: at any moment it holds the whole of the old content or the whole of the new one.
 *
 * @param temporary Where the new content is written first: a path in the same folder that nobody else uses.
 */
export async function replaceFile(path: string, content: string, temporary: string): Promise<void> {
  try {
    await writeDurably(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Where the file itself is that a path leads to, or will be: a link stays a link, also where nothing is behind it yet. Who replaced it would
 * keep the file elsewhere than on the volume that it leads to.
 */
export async function fileBehind(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const link = fileErrorCode(error) === 'ENOENT' ? await readlink(path).catch(() => undefined) : undefined;
    if (link === undefined) return resolve(path);
    return fileBehind(resolve(await realpath(dirname(path)), link));
  }
}

/** Makes sure that a file could be replaced, and leaves it as it is. */
export async function tryToWrite(temporary: string): Promise<void> {
  try {
    await writeDurably(temporary, '');
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Why the file system failed, in the words of its user. */
export function fileReason(error: unknown): string {
  const code = fileErrorCode(error);
  const known = code === undefined ? undefined : reasons.get(code);
  return known ?? (error instanceof Error ? error.message : 'no reason known');
}

/** The code of a file system's error, such as `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

async function writeDurably(path: string, content: string): Promise<void> {
  // Made anew: one that is there may be the rest of a process that was killed, or a link that somebody else has laid.
  await rm(path, { force: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

// What was renamed is in its place for certain only once the folder is on disk. Not every file system knows of such a thing; Windows does not.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const reasons = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['ENOENT', 'its folder does not exist'],
  ['ENOTDIR', 'its folder is no directory'],
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the file system is read-only'],
]);
