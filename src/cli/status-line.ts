import { oneLine } from '../one-line.ts';
import { cut } from './display-width.ts';
import { clockTime } from './event-line.ts';
import type { Progress, Retry, StreamState } from './progress.ts';
import { paintFor, type TerminalStream, unwrapped, widthOf } from './terminal.ts';

/** Tells the progress in one line at the foot of a terminal, and writes it anew whenever something changes. */
export function createStatusLine(terminal: TerminalStream): Progress {
  const paint = paintFor(terminal);
  let state: StreamState = 'fetchingServers';
  let retry: Retry | undefined;
  let resumesAt = 0;
  let eventCount = 0;
  let place = '';
  let isShown = false;
  let isHidden = false;

  // The cursor waits at the start of the line: when the terminal gets narrower and breaks the line, all of it is still below.
  const erase = () => {
    if (isShown) terminal.write('\r\x1b[J');
    isShown = false;
  };
  const draw = () => {
    if (isHidden) return;
    const count = `${eventCount} ${eventCount === 1 ? 'event' : 'events'}`;
    const parts = [state === 'backingOff' && retry ? describe(retry, resumesAt) : words[state], count, place];
    const text = oneLine(parts.filter((part) => part !== '').join(' · '));
    const line = paint('dim', cut(text, widthOf(terminal) - 1));
    terminal.write(`\r\x1b[J${unwrapped(line, terminal)}\r`);
    isShown = true;
  };
  terminal.on('resize', draw);

  return {
    say(text) {
      erase();
      terminal.write(`${paint('dim', oneLine(text))}\n`);
      draw();
    },
    // A back-off that was told while events were in hand begins when they are written.
    enter(entered) {
      if (entered === 'backingOff' && state !== entered) resumesAt = Date.now() + (retry?.delay ?? 0);
      state = entered;
      draw();
    },
    retry(told) {
      retry = told;
    },
    advance(events, stands) {
      eventCount += events;
      place = stands;
      draw();
    },
    hide() {
      erase();
      isHidden = true;
    },
    show() {
      isHidden = false;
      draw();
    },
    close() {
      terminal.off('resize', draw);
      erase();
      isHidden = true;
    },
  };
}

const words: Record<StreamState, string> = {
  fetchingServers: 'connecting to Box',
  polling: 'waiting for changes',
  fetchingEvents: 'fetching',
  delivering: 'fetching',
  stopping: 'stopping, once the events in hand are written; Ctrl-C again to end at once',
  backingOff: 'retrying soon',
  paused: 'paused',
  stopped: 'stopped',
};

function describe({ attempt, reason }: Retry, resumesAt: number): string {
  return `retry ${attempt} at ${clockTime(new Date(resumesAt))}: ${reason}`;
}
