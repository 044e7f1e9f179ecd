import { writeSync } from 'node:fs';

// Loaded into a program before it begins, by the probe for its database. It changes nothing of what the program does.

const { KILL_AT_STATEMENT } = process.env;
let statements = 0;

/** The program is about to send a statement: where it was told to, it dies before. */
export function countStatement(): void {
  statements += 1;
  if (statements === Number(KILL_AT_STATEMENT)) process.kill(process.pid, 'SIGKILL');
}

/** Writes on a pipe, at once, that a transaction has begun or ended. */
export function markTransaction(mark: '(' | ')'): void {
  writeSync(3, mark);
}
