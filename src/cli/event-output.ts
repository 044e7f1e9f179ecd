import type { BoxEvent } from '../../machines/box-event.ts';
import type { Delivery } from '../../machines/box-events.machine.ts';
import { summarize } from '../event-summary.ts';
import { eventLine } from './event-line.ts';
import { jsonLine } from './json-line.ts';
import { paintFor, type TerminalStream, unwrapped, widthOf, write } from './terminal.ts';

/** Where the events go. */
export interface EventOutput {
  /** Resolves once the page has been passed on, which a slow reader delays; rejects when it cannot be. */
  writePage(page: Delivery): Promise<void>;
}

/** Readable lines on a terminal, JSON on a pipe or where it is asked for. */
export function createEventOutput(
  stream: TerminalStream & { readonly isTTY?: boolean },
  { json = false }: { readonly json?: boolean | undefined },
): EventOutput {
  return stream.isTTY && !json ? createLineOutput(stream) : createJsonOutput(stream);
}

/** A line of JSON for each event, as Box sent it, and one for the position once the events before it are out. */
export function createJsonOutput(stream: TerminalStream): EventOutput {
  return {
    async writePage({ events, streamPosition }) {
      await write(stream, events.map(jsonLine));
      await write(stream, [jsonLine({ type: 'position', streamPosition })]);
    },
  };
}

/** An aligned line for each event, for a reader at a terminal, and one for the day where it changes. */
export function createLineOutput(stream: TerminalStream): EventOutput {
  const paint = paintFor(stream);
  let shownDay = new Date().toDateString();

  const linesOf = (event: BoxEvent): string => {
    const summary = summarize(event);
    const line = `${unwrapped(eventLine(summary, { width: widthOf(stream), paint }), stream)}\n`;
    const day = summary.at?.toDateString() ?? shownDay;
    if (day === shownDay) return line;
    shownDay = day;
    return `${paint('dim', `── ${day}`)}\n${line}`;
  };

  return { writePage: ({ events }) => write(stream, events.map(linesOf)) };
}
