import type { Fault } from './fault.ts';

/** A page of events on its way to the wire: its entries as JSON, and where to read on. */
export interface PageOnTheWire {
  entries: readonly string[];
  position: bigint;
}

/** What a fault can draw on to spoil a page. */
export interface PageContext {
  /** Where the page was asked for. */
  asked: bigint;
  /** Everything that the stream has had up to there, as JSON, in order. */
  earlier: () => readonly string[];
  /** The page that Box would give for another limit. */
  read: (limit: number) => PageOnTheWire;
  /** How many events were asked for. */
  limit: number;
}

/** The page as a fault makes it. No fault loses an event: what does not come with this page comes with a later one. */
export function spoilPage(page: PageOnTheWire, fault: Fault, context: PageContext): PageOnTheWire {
  const { entries, position } = page;
  const { count = 3 } = fault;
  switch (fault.what) {
    case 'repeatTail':
      return { entries: [...context.earlier().slice(-count), ...entries], position };
    case 'repeatOld':
      return { entries: [...entries, ...context.earlier().slice(0, count)], position };
    case 'reorder':
      return { entries: entries.toReversed(), position };
    case 'duplicatesOnly':
      return { entries: context.earlier().slice(-count), position: context.asked };
    case 'shortPage':
      return context.read(Math.min(count, context.limit));
    case 'longPage':
      return context.read(context.limit * 2);
    case 'emptyPage':
      return { entries: [], position: 0n };
    case 'withoutId':
      return { entries: rewrite(entries, ({ event_id: _, ...event }) => event), position };
    case 'missingFields':
      return { entries: rewrite(entries, ({ type, event_id }) => ({ type, event_id })), position };
    case 'unknownFields':
      return {
        entries: rewrite(entries, (event) => ({ ...event, nobody_knows: { what: ['this', 'is'] } })),
        position,
      };
    case 'nullFields':
      return { entries: rewrite(entries, nullFields), position };
    default:
      return page;
  }
}

function rewrite(entries: readonly string[], change: (event: Record<string, unknown>) => object): string[] {
  return entries.map((json) => JSON.stringify(change(JSON.parse(json))));
}

function nullFields({ type, event_id, ...others }: Record<string, unknown>): object {
  return { type, event_id, ...Object.fromEntries(Object.keys(others).map((name) => [name, null])) };
}
