import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { oneLine } from '../one-line.ts';
import { CommandError } from './command-error.ts';

/** A file that holds a stream's position, in one line. */
export interface PositionFile {
  /** What it held when it was opened; `undefined` when there was no file. */
  readonly streamPosition: string | undefined;
  /** Replaces the position, on disk: at any moment the file holds the whole of the old one or the whole of the new one. */
  write(streamPosition: string): Promise<void>;
}

/**
 * Reads a position file, and makes sure that it can be written.
 *
 * @throws {CommandError} when it is no file, is damaged, or cannot be read or written.
 */
export async function openPositionFile(path: string): Promise<PositionFile> {
  const streamPosition = await readPosition(path);
  // A link stays a link: the file it leads to is replaced.
  const target = streamPosition === undefined ? path : await realpath(path);
  const temporary = `${target}.${process.pid}.tmp`;

  const write = async (position: string, { replaces }: { replaces: boolean }) => {
    try {
      await writeDurably(temporary, `${position}\n`);
      if (replaces) await rename(temporary, target);
      else await rm(temporary);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw fileError(`cannot write the position file ${path}`, error);
    }
  };

  await write(streamPosition ?? '', { replaces: false });
  return { streamPosition, write: (position) => write(position, { replaces: true }) };
}

async function readPosition(path: string): Promise<string | undefined> {
  let content: string;
  try {
    const status = await stat(path);
    // Neither a device nor a pipe is read, which may never end; a directory says by itself that it is one.
    const isSmall = status.isFile() && status.size <= longestContent;
    content = isSmall || status.isDirectory() ? await readFile(path, 'utf8') : '';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read the position file ${path}`, error);
  }
  const position = /^(\d{1,20})\r?\n?$/.exec(content)?.[1];
  if (position !== undefined) return position;
  throw new CommandError(
    `the position file ${path} is damaged: it should hold one decimal number, and nothing else. Mend it, or remove it to start where --from says.`,
    { exitCode: 1 },
  );
}

const longestContent = 100;

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function fileError(what: string, cause: unknown): CommandError {
  const reason =
    reasons.get(codeOf(cause) ?? '') ?? (cause instanceof Error ? oneLine(cause.message) : 'no reason known');
  return new CommandError(`${what}: ${reason}.`, { exitCode: 1, cause });
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

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
