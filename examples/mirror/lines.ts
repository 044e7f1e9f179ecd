import type { BoxEvent } from 'box-events';
import type { Page } from './store.ts';

/**
 * The pages in what `box-events watch --json` writes: a line for each event, and after those of a page one for the position. Where it
 * breaks off, in the middle of a page or of a line, that page does not come.
 */
export async function* readPages(lines: AsyncIterable<string>): AsyncGenerator<Page, void, void> {
  let events: BoxEvent[] = [];
  for await (const line of lines) {
    const read = parse(line);
    if (read === undefined) return;
    if (read.type !== 'position') {
      events.push(read);
      continue;
    }
    if (typeof read.streamPosition !== 'string') return;
    yield { events, streamPosition: read.streamPosition };
    events = [];
  }
}

function parse(line: string): BoxEvent | undefined {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}
