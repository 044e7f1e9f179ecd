import type { EventSummary } from '../event-summary.ts';
import { cut, displayWidth, fill } from './display-width.ts';
import type { Format, Paint } from './terminal.ts';

/** One line about an event, aligned with those of other events: when, what kind, who, what, where; no wider than the terminal. */
export function eventLine(summary: EventSummary, { width, paint }: { width: number; paint: Paint }): string {
  const { at, type, who, what, where } = summary;
  const columns = columnsOf(width);
  const cells: Cell[] = [
    { text: at ? clockTime(at) : '', width: columns.time, format: 'dim' },
    { text: type, width: columns.type, format: colourOf(type) },
    { text: who, width: columns.who },
    { text: what, width: columns.what },
    { text: fitPath(where, columns.where), width: columns.where, format: 'dim' },
  ];
  return joinCells(
    cells.filter((cell) => cell.width > 0),
    paint,
  );
}

/** The local time of day, `HH:MM:SS`. */
export function clockTime(date: Date): string {
  return date.toTimeString().slice(0, 8);
}

interface Cell {
  readonly text: string;
  readonly width: number;
  readonly format?: Format | undefined;
}

const gap = '  ';

// A narrow terminal does without the place, a very narrow one also without the person.
function columnsOf(width: number) {
  const time = 8;
  const type = Math.max(8, Math.min(width < 100 ? 18 : 26, width - time - gap.length));
  const who = width < 50 ? 0 : Math.min(20, Math.floor(width / 6));
  const isWherePlaced = width >= 70;
  const columnCount = 3 + (who > 0 ? 1 : 0) + (isWherePlaced ? 1 : 0);
  const rest = Math.max(0, width - time - type - who - (columnCount - 1) * gap.length);
  const where = isWherePlaced ? Math.floor(rest * 0.4) : 0;
  return { time, type, who, what: rest - where, where };
}

// Nothing is filled up behind the last cell that holds something.
function joinCells(cells: readonly Cell[], paint: Paint): string {
  const last = cells.findLastIndex(({ text }) => text !== '');
  return cells
    .slice(0, last + 1)
    .map(({ text, width, format }, index) => {
      const shown = index === last ? cut(text, width) : fill(text, width);
      return format && text !== '' ? paint(format, shown) : shown;
    })
    .join(gap);
}

// The folder next to the item says most: what does not fit is left out at the top.
function fitPath(folders: readonly string[], width: number): string {
  for (let top = 0; top < folders.length - 1; top += 1) {
    const path = (top === 0 ? '' : '…/') + folders.slice(top).join('/');
    if (displayWidth(path) <= width) return path;
  }
  const nearest = folders.at(-1) ?? '';
  return folders.length > 1 && displayWidth(nearest) + 2 <= width ? `…/${nearest}` : nearest;
}

function colourOf(type: string): Format | undefined {
  return kinds.find(([pattern]) => pattern.test(type))?.[1];
}

// What kind of thing happened, the first that matches; an unknown type stays without colour.
const kinds: readonly [RegExp, Format][] = [
  [/FAILED|MALICIOUS|REVOKED|REJECT/, 'red'],
  [/^(COMMENT|TASK|TAG)_/, 'cyan'],
  [/^COLLAB_|SHARED|^GROUP_|^LOCK_|PERMISSION|ACCESS/, 'magenta'],
  [/PREVIEW|DOWNLOAD|OPEN|SYNC|LOGIN/, 'blue'],
  [/UPLOAD|CREATE|COPY|UNDELETE/, 'green'],
  [/TRASH|DELETE|REMOVE/, 'red'],
  [/MODIFY|MOVE|RENAME|VERSION/, 'yellow'],
];
