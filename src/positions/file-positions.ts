import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isPosition } from '../../machines/stream-position.ts';
import { fileBehind, fileErrorCode, fileReason, replaceFile } from './durable-file.ts';
import { openOnce } from './open-once.ts';
import { checkPosition, type OpenPositions } from './positions.ts';
import { lock, type ProcessLock } from './process-lock.ts';

/**
 * Keeps the positions of any number of users in one file of JSON that a person can read: `{ "17738362001": "1152922976252290886" }`.
 *
 * The file is opened when it is needed first, and locked, with an empty file beside it (`….lock`), against every other process until this
 * one ends or `close()` is called; a process that was killed holds no lock. It is replaced as a whole and on disk, so it is never half
 * written. A file that is damaged is left as it is: `load` and `save` reject with an error that says what is wrong in it.
 *
 * @param path The file. Where there is none yet, none has a position; its folder must be there.
 */
export function filePositions(path: string): OpenPositions {
  const { use, close } = openOnce(`The positions in ${path}`, () => openFile(path));
  return {
    load: (userId) => use(({ positions }) => positions.get(userId)),
    async save(userId, streamPosition) {
      checkPosition(userId, streamPosition);
      await use(({ positions, write }) => {
        positions.set(userId, streamPosition);
        return write();
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface OpenFile {
  readonly positions: Map<string, string>;
  /** Resolves when all that the positions are now is on disk. */
  write(): Promise<void>;
  close(): void;
}

async function openFile(path: string): Promise<OpenFile> {
  const target = await fileBehind(path);
  const held = await lockFor(target, path);
  const positions = await readPositions(target, path).catch((error: unknown) => {
    held.release();
    throw error;
  });

  let current = Promise.resolve();
  let next: Promise<void> | undefined;
  const writeNow = async () => {
    next = undefined;
    try {
      await replaceFile(target, format(positions), `${target}.tmp`);
    } catch (error) {
      throw fileError(`Cannot write the positions in ${path}`, error);
    }
  };

  return {
    positions,
    // Whoever saves while a write is under way shares the one after it: many users cost as many writes as the disk can do.
    write() {
      if (!next) {
        next = current.catch(() => {}).then(writeNow);
        current = next;
      }
      return next;
    },
    close: () => held.release(),
  };
}

async function lockFor(target: string, path: string): Promise<ProcessLock> {
  let held: ProcessLock | undefined;
  try {
    await access(dirname(target), constants.W_OK);
    held = await lock(`${target}.lock`);
  } catch (error) {
    throw fileError(`Cannot keep positions in ${path}`, error);
  }
  if (held) return held;
  throw new Error(
    `The positions in ${path} are in use: another process keeps its own there, or this one does so twice. Use another file, or end the other.`,
  );
}

async function readPositions(target: string, path: string): Promise<Map<string, string>> {
  let content: string;
  try {
    const status = await stat(target);
    // Neither a device nor a pipe is read, which may never end; a directory says by itself that it is one.
    content = status.isFile() || status.isDirectory() ? await readFile(target, 'utf8') : '';
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return new Map();
    throw fileError(`Cannot read the positions in ${path}`, error);
  }
  const read = parse(content);
  if (typeof read === 'object') return read;
  throw new Error(
    `The positions in ${path} are damaged: ${read}. Mend the file, or remove it to begin anew; it was left as it is.`,
  );
}

function parse(content: string): Map<string, string> | string {
  let value: unknown;
  try {
    // Some editors begin a file with a mark of its byte order.
    value = JSON.parse(content.replace(/^\ufeff/, ''));
  } catch {
    return content.trim() === '' ? 'the file is empty' : 'it is no JSON';
  }
  if (typeof value === 'number') return 'it holds one number, and not the position of each user';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object';
  const entries = Object.entries(value);
  const wrong = entries.find(([, position]) => !isPosition(position));
  return wrong
    ? `that of ${JSON.stringify(wrong[0])} is no decimal number in quotes`
    : new Map(entries.map(([userId, position]) => [userId, String(position)]));
}

function format(positions: ReadonlyMap<string, string>): string {
  return `${JSON.stringify(Object.fromEntries(positions), null, 2)}\n`;
}

function fileError(what: string, cause: unknown): Error {
  return new Error(`${what}: ${fileReason(cause)}.`, { cause });
}
