import type { BoxEvent } from '../../machines/box-event.ts';
import type { Delivery } from '../../machines/box-events.machine.ts';
import { summarize } from '../event-summary.ts';
import { oneLine } from '../one-line.ts';
import { fill } from './display-width.ts';
import { eventLine } from './event-line.ts';
import { jsonLine } from './json-line.ts';
import { paintFor, type TerminalStream, unwrapped, widthOf, write } from './terminal.ts';

/** Where the events go. */
export interface EventOutput {
  /** Resolves once the page has been passed on, which a slow reader delays; rejects when it cannot be. */
  writePage(page: Delivery): Promise<void>;
}

/** Which lines are written. */
export interface EventOutputOptions {
  /** JSON on a terminal, too. */
  readonly json?: boolean | undefined;
  /** The events of many users: each line says whose it is. */
  readonly ofUsers?: boolean;
}

/** Readable lines on a terminal, JSON on a pipe or where it is asked for. */
export function createEventOutput(
  stream: TerminalStream,
  { json = false, ofUsers = false }: EventOutputOptions = {},
): EventOutput {
  if (stream.isTTY && !json) return ofUsers ? createUsersLineOutput(stream) : createLineOutput(stream);
  return ofUsers ? createUsersJsonOutput(stream) : createJsonOutput(stream);
}

/** A line of JSON for each event, as Box sent it, and one for the position once the events before it are out. */
function createJsonOutput(stream: TerminalStream): EventOutput {
  return {
    async writePage({ events, streamPosition }) {
      await write(stream, events.map(jsonLine));
      await write(stream, [jsonLine({ type: 'position', streamPosition })]);
    },
  };
}

/** The same for many users: the `userId` stands beside each event, which is as Box sent it, and in each position. */
function createUsersJsonOutput(stream: TerminalStream): EventOutput {
  return {
    async writePage({ userId, events, streamPosition }) {
      await write(
        stream,
        events.map((event) => jsonLine({ type: 'event', userId, event })),
      );
      await write(stream, [jsonLine({ type: 'position', userId, streamPosition })]);
    },
  };
}

/** An aligned line for each event, for a reader at a terminal, and one for the day where it changes. */
function createLineOutput(stream: TerminalStream): EventOutput {
  const linesOf = createLines(stream);
  return {
    writePage: ({ events }) =>
      write(
        stream,
        events.map((event) => linesOf(event, '')),
      ),
  };
}

/** The same for many users: each line begins with the id of the user. */
function createUsersLineOutput(stream: TerminalStream): EventOutput {
  const linesOf = createLines(stream);
  return {
    writePage({ userId = '', events }) {
      const whose = `${fill(oneLine(userId), idWidth)}  `;
      return write(
        stream,
        events.map((event) => linesOf(event, whose)),
      );
    },
  };
}

function createLines(stream: TerminalStream): (event: BoxEvent, whose: string) => string {
  const paint = paintFor(stream);
  let shownDay = new Date().toDateString();

  return (event, whose) => {
    const summary = summarize(event);
    const width = Math.max(narrowest, widthOf(stream) - whose.length);
    const shown = eventLine(summary, { width, paint });
    const line = `${unwrapped(whose === '' ? shown : paint('dim', whose) + shown, stream)}\n`;
    const day = summary.at?.toDateString() ?? shownDay;
    if (day === shownDay) return line;
    shownDay = day;
    return `${paint('dim', `── ${day}`)}\n${line}`;
  };
}

// Box's ids of users have 11 digits, older ones fewer.
const idWidth = 11;
const narrowest = 20;
