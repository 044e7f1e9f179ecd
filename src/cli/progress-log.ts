import type { Writable } from 'node:stream';
import { oneLine } from '../one-line.ts';
import type { Progress, StreamState } from './progress.ts';

/**
 * Tells the progress in lines with a timestamp, for a log. The states keep the chart's names; the cycle of each change (`polling`,
 * `fetchingEvents`, `delivering`, `polling`) is not worth a line.
 */
export function createProgressLog(stream: Writable): Progress {
  let told: StreamState | undefined;
  const say = (text: string) => {
    stream.write(`${new Date().toISOString()} ${oneLine(text)}\n`);
  };
  return {
    say,
    enter(state) {
      if (state === 'fetchingEvents' || state === 'delivering' || state === told) return;
      told = state;
      say(state === 'stopping' ? 'stopping: the page in hand is written first; again to end at once' : state);
    },
    retry({ attempt, delay, reason }) {
      say(`retry ${attempt} in ${(delay / 1_000).toFixed(1)} s: ${reason}`);
    },
    advance() {},
    hide() {},
    show() {},
    close() {},
  };
}
