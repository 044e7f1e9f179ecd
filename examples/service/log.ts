import type { LogEntry } from 'box-events/operations';

/** What is logged: that of the streams, and of the service. */
export type Entry = Pick<LogEntry, 'level' | 'message'> & Readonly<Record<string, unknown>>;

/** One line of JSON on stderr, which journald and Docker keep. */
export function log(entry: Entry | LogEntry): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}
