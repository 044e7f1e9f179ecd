import { readFile } from 'node:fs/promises';
import { oneLine } from '../one-line.ts';
import { fileErrorCode, fileReason } from '../positions/durable-file.ts';
import { CommandError } from './command-error.ts';

/**
 * The ids that `--users` names: with commas between, or in a file with one on each line, where `#` begins a comment. Each comes once.
 *
 * @throws {CommandError} when it is neither, or names nobody.
 */
export async function readUserIds(value: string): Promise<readonly string[]> {
  if (/^\d+(,\d+)*$/.test(value)) return once(value.split(','));
  const ids = readLines(await readUsersFile(value), value);
  if (ids.length > 0) return once(ids);
  throw new CommandError(`--users ${value}: the file names nobody.`, { exitCode: 1 });
}

async function readUsersFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') {
      const message = `--users ${path}: there is no such file. Give ids such as 123,456, or a file with an id on each line.`;
      throw new CommandError(message, { exitCode: 2, cause: error });
    }
    throw new CommandError(`--users ${path}: ${oneLine(fileReason(error))}.`, { exitCode: 1, cause: error });
  }
}

function readLines(content: string, path: string): string[] {
  const ids: string[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    // Some editors begin a file with a mark of its byte order.
    const id = line.replace('\ufeff', '').replace(/#.*/, '').trim();
    if (id === '') continue;
    if (!/^\w+$/.test(id)) {
      const shown = oneLine(id).slice(0, longestShown);
      throw new CommandError(`--users ${path}: line ${index + 1} is no id of a Box user: ${shown}`, {
        exitCode: 1,
      });
    }
    ids.push(id);
  }
  return ids;
}

function once(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}

const longestShown = 40;
