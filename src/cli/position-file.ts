import { access, constants, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isPosition } from '../../machines/stream-position.ts';
import { oneLine } from '../one-line.ts';
import { fileBehind, fileErrorCode, fileReason, replaceFile, tryToWrite } from '../positions/durable-file.ts';
import { lock } from '../positions/process-lock.ts';
import { CommandError } from './command-error.ts';

/** A file that holds a stream's position, in one line. */
export interface PositionFile {
  /** What it held when it was opened; `undefined` when there was no file. */
  readonly streamPosition: string | undefined;
  /** Replaces the position, on disk: at any moment the file holds the whole of the old one or the whole of the new one. */
  write(streamPosition: string): Promise<void>;
  /** Lets another process have it. The end of this one does so, too. */
  close(): void;
}

/**
 * Reads a position file, and makes sure that it can be written, and that no other process does: the position of one would have the other
 * pass over events.
 *
 * @throws {CommandError} when it is no file, is damaged, is in use, or cannot be read or written.
 */
export async function openPositionFile(path: string): Promise<PositionFile> {
  const target = await fileBehind(path);
  const temporary = `${target}.tmp`;

  const orSay = async <T>(writing: Promise<T>): Promise<T> => {
    try {
      return await writing;
    } catch (error) {
      throw fileError(`cannot write the position file ${path}`, error);
    }
  };

  // Looked at before anything is left beside it: what is no position file is refused as it is.
  await readPosition(path);
  await orSay(access(dirname(target), constants.W_OK));
  const held = await orSay(lock(`${target}.lock`));
  if (!held) throw inUse(path);
  try {
    const streamPosition = await readPosition(path);
    await orSay(tryToWrite(temporary));
    return {
      streamPosition,
      write: (position) => orSay(replaceFile(target, `${position}\n`, temporary)),
      close: () => held.release(),
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

async function readPosition(path: string): Promise<string | undefined> {
  let content: string;
  try {
    const status = await stat(path);
    // Neither a device nor a pipe is read, which may never end; a directory says by itself that it is one.
    content = status.isFile() || status.isDirectory() ? await readStart(path) : '';
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read the position file ${path}`, error);
  }
  const position = content.replace(/\r?\n?$/, '');
  if (isPosition(position)) return position;
  if (/^\{\s*"\w+":\s*"\d/.test(content)) {
    throw new CommandError(
      `the position file ${path} holds the positions of many users: it is for --users. Use another file.`,
      { exitCode: 1 },
    );
  }
  throw new CommandError(
    `the position file ${path} is damaged: it should hold one decimal number, and nothing else. Mend it, or remove it to start where --from says.`,
    { exitCode: 1 },
  );
}

// A position is shorter, and what is longer is no position: more of it would be no use.
async function readStart(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100));
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function inUse(path: string): CommandError {
  return new CommandError(
    `the position file ${path} is in use: another process keeps its own there. Use another file, or end the other.`,
    { exitCode: 1 },
  );
}

function fileError(what: string, cause: unknown): CommandError {
  return new CommandError(`${what}: ${oneLine(fileReason(cause))}.`, { exitCode: 1, cause });
}
