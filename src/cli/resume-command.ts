import type { StreamType } from '../../machines/stream-input.ts';

/** What of the options of `watch` is to be the same when it goes on. */
export interface Resumable {
  readonly user?: string;
  readonly users?: string;
  readonly streamType: StreamType;
  readonly json?: true;
}

/** The command that goes on with what was watched, from where `place` says: `--from …`, or `--position-file …`. */
export function resumeCommand(place: string, { user, users, streamType, json }: Resumable): string {
  const words = [
    `box-events watch ${place}`,
    ...(user === undefined ? [] : [`--user ${user}`]),
    ...(users === undefined ? [] : [`--users ${quote(users)}`]),
    ...(streamType === 'all' ? [] : [`--stream-type ${streamType}`]),
    ...(json ? ['--json'] : []),
  ];
  return words.join(' ');
}

/** A word as a shell takes it. */
export function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
