import { isChange, type StreamType } from './event-types.ts';
import { isRecord } from './is-record.ts';
import type { Random } from './random.ts';

/** An event as it stands in a log: written once, read as often as it is asked for. */
export interface LoggedEvent {
  position: bigint;
  json: string;
  streamTypes: readonly StreamType[];
}

export interface Page {
  events: readonly LoggedEvent[];
  /** Where to read on. */
  position: bigint;
}

/**
 * What happened to one user, in order of arrival, with a position for each event.
 *
 * Box's positions are 2^60 plus about the time in milliseconds; these are too, and those of a burst lie so close that neighbours
 * round to the same double.
 */
export class EventLog {
  /** The position of the latest event; before the first one, that of the log's own beginning. */
  position: bigint;
  readonly #random: Random;
  readonly #entries: Record<StreamType, LoggedEvent[]> = { all: [], changes: [], sync: [] };
  readonly #syncedFolders = new Set<string>();

  constructor(now: number, random: Random) {
    this.position = positionAt(now);
    this.#random = random;
  }

  append(event: Record<string, unknown>, now: number): LoggedEvent {
    const least = this.position + BigInt(this.#random.integer(1, 500));
    const timely = positionAt(now);
    this.position = least > timely ? least : timely;
    const entry = {
      position: this.position,
      json: JSON.stringify(event),
      streamTypes: this.#streamTypesOf(event),
    };
    for (const streamType of entry.streamTypes) this.#entries[streamType].push(entry);
    return entry;
  }

  /** Everything that Box holds, in order. */
  get entries(): readonly LoggedEvent[] {
    return this.#entries.all;
  }

  hasEventsAfter(position: bigint, streamType: StreamType): boolean {
    const latest = this.#entries[streamType].at(-1);
    return latest !== undefined && latest.position > position;
  }

  /** What the stream had up to a position, in order. */
  eventsUpTo(position: bigint, streamType: StreamType): readonly LoggedEvent[] {
    const entries = this.#entries[streamType];
    return entries.slice(0, indexAfter(entries, position));
  }

  pageAfter(position: bigint, streamType: StreamType, limit: number): Page {
    const entries = this.#entries[streamType];
    const start = indexAfter(entries, position);
    const events = entries.slice(start, start + limit);
    const isLast = start + limit >= entries.length;
    if (!isLast) return { events, position: events.at(-1)?.position ?? position };
    return { events, position: this.position > position ? this.position : position };
  }

  /**
   * The stream `sync` holds the changes to what lies in a synced folder. A folder is synced from the first `ITEM_SYNC` that names it
   * to the next `ITEM_UNSYNC`, which still belongs to the stream.
   */
  #streamTypesOf(event: Record<string, unknown>): readonly StreamType[] {
    if (!isChange(event.event_type)) return onlyAll;
    const source = event.source;
    if (!isRecord(source)) return allAndChanges;
    if (event.event_type === 'ITEM_SYNC') this.#syncedFolders.add(String(source.id));
    const isSynced = folderIdsOf(source).some((id) => this.#syncedFolders.has(id));
    if (event.event_type === 'ITEM_UNSYNC') this.#syncedFolders.delete(String(source.id));
    return isSynced ? allChangesAndSync : allAndChanges;
  }
}

const onlyAll: readonly StreamType[] = ['all'];
const allAndChanges: readonly StreamType[] = ['all', 'changes'];
const allChangesAndSync: readonly StreamType[] = ['all', 'changes', 'sync'];

function positionAt(now: number): bigint {
  return 2n ** 60n + BigInt(Math.trunc(now));
}

/** The index of the first entry beyond the position, by binary search. */
function indexAfter(entries: readonly LoggedEvent[], position: bigint): number {
  let start = 0;
  let end = entries.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.position > position) end = middle;
    else start = middle + 1;
  }
  return start;
}

/** The item that a source is or belongs to, and the folders above it. */
function folderIdsOf(source: Record<string, unknown>): string[] {
  const item = isRecord(source.item) ? source.item : source;
  const path = isRecord(item.path_collection) ? item.path_collection.entries : undefined;
  const folders = Array.isArray(path) ? path : [item.parent];
  return [item, ...folders].filter(isRecord).map((folder) => String(folder.id));
}
