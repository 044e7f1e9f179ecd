import { fstatSync } from 'node:fs';
import type { Progress } from './progress.ts';
import { createProgressLog } from './progress-log.ts';
import { createStatusLine } from './status-line.ts';
import { isScreen } from './terminal.ts';

/** A status line where stderr is a terminal, else a log. */
export function createProgress(): Progress {
  // A reader at the other end of a pipe may write to this terminal, too: a status line would get in its way.
  const isAlone = process.stdout.isTTY || fstatSync(process.stdout.fd).isFile();
  return isScreen(process.stderr) && isAlone
    ? createStatusLine(process.stderr)
    : createProgressLog(process.stderr);
}
