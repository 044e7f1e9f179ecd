import { type Answer, errorAnswer } from './answer.ts';
import type { EventLog } from './event-log.ts';
import type { StreamType } from './event-types.ts';
import type { Fault } from './fault.ts';
import { type PageOnTheWire, spoilPage } from './fault-pages.ts';
import { parsePosition } from './query.ts';

interface PageRequest {
  log: EventLog;
  streamType: StreamType;
  query: URLSearchParams;
  faults: readonly Fault[];
}

const defaultLimit = '100';
const greatestLimit = 500;

/** What `GET /events` answers: pages of the logs, in Box's shape, as the faults let them be. */
export class EventPages {
  readonly #positionType: 'number' | 'string';
  /** Events that a fault kept out of their page, by the stream and the position of that page, where the next one is asked for. */
  readonly #heldBack = new WeakMap<EventLog, Map<string, string>>();

  constructor(positionType: 'number' | 'string') {
    this.#positionType = positionType;
  }

  answer({ log, streamType, query, faults }: PageRequest): Answer {
    const limit = query.get('limit') ?? defaultLimit;
    if (!/^\d{1,9}$/.test(limit)) return badRequest(`limit must be a number, not '${limit}'`);
    const from = query.get('stream_position') ?? '0';
    const isEmptied = faults.some(({ what }) => what === 'emptyPage');
    if (from === 'now') return this.#write({ entries: [], position: isEmptied ? 0n : log.position }, faults);
    const asked = parsePosition(from);
    if (asked === undefined) return badRequest(`stream_position must be 'now' or a number, not '${from}'`);
    return this.#write(
      this.#read({ log, streamType, asked, limit: Math.min(Number(limit), greatestLimit), faults }),
      faults,
    );
  }

  #read({ log, streamType, asked, limit, faults }: Asked): PageOnTheWire {
    const read = (length: number): PageOnTheWire => {
      const { events, position } = log.pageAfter(asked, streamType, length);
      return { entries: events.map(({ json }) => json), position };
    };
    if (faults.length === 0 && !this.#heldBack.has(log)) return read(limit);
    const earlier = () => log.eventsUpTo(asked, streamType).map(({ json }) => json);
    const page = faults.reduce(
      (spoilt, fault) => spoilPage(spoilt, fault, { asked, limit, read, earlier }),
      read(limit),
    );
    return this.#heldBackFrom(page, {
      log,
      streamType,
      asked,
      isHolding: faults.some(({ what }) => what === 'holdBack'),
    });
  }

  #heldBackFrom(
    { entries, position }: PageOnTheWire,
    { log, streamType, asked, isHolding }: Holding,
  ): PageOnTheWire {
    const heldBack = this.#heldBack.get(log) ?? new Map<string, string>();
    const late = heldBack.get(`${streamType} ${asked}`);
    const last = entries.at(-1);
    if (isHolding && last !== undefined && position !== asked) {
      this.#heldBack.set(log, heldBack.set(`${streamType} ${position}`, last));
      return { entries: [...(late === undefined ? [] : [late]), ...entries.slice(0, -1)], position };
    }
    return { entries: late === undefined ? entries : [late, ...entries], position };
  }

  /** Written by hand: `JSON.stringify` knows no numbers of 64 bits, and the entries are JSON already. */
  #write({ entries, position }: PageOnTheWire, faults: readonly Fault[]): Answer {
    const isNumber = faults.some(({ what }) => what === 'positionAsNumber');
    const isString =
      faults.some(({ what }) => what === 'positionAsString') || this.#positionType === 'string';
    const next = isString && !isNumber ? `"${position}"` : position;
    return {
      status: 200,
      body: `{"chunk_size":${entries.length},"next_stream_position":${next},"entries":[${entries.join(',')}]}`,
    };
  }
}

interface Asked {
  log: EventLog;
  streamType: StreamType;
  asked: bigint;
  limit: number;
  faults: readonly Fault[];
}

interface Holding {
  log: EventLog;
  streamType: StreamType;
  asked: bigint;
  /** Whether the page keeps its last event back. */
  isHolding: boolean;
}

function badRequest(message: string): Answer {
  return errorAnswer(400, 'bad_request', message);
}
