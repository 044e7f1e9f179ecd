import type { SimulatorRequest } from './requests.ts';

/**
 * Something that goes wrong, as plain data: the same in TypeScript, in JSON and, as `name=value` pairs, on the command line.
 *
 * Without `nth`, `every`, `from`, `until` or `probability` it happens to each request of its kind.
 */
export interface Fault {
  /** What happens: a key of {@link faults}, which says what each one does. */
  what: FaultName;
  /** To which requests. @default what the fault makes sense for */
  on?: FaultyKind | readonly FaultyKind[];
  /** To the requests of this user only. */
  userId?: string;
  /** On the realtime server of this index only, from 0. */
  server?: number;
  /** To the n-th such request since the fault was set, from 1, and to no other. */
  nth?: number;
  /** To every n-th such request. */
  every?: number;
  /** Not before so many milliseconds after the fault was set. */
  from?: number;
  /** Not after so many milliseconds after the fault was set. */
  until?: number;
  /** By chance, from 0 to 1, drawn from the simulator's seed. */
  probability?: number;
  /** For `status`: the status. @default 503 */
  status?: number;
  /** For `status`: what `Retry-After` says, in seconds. */
  retryAfter?: number;
  /** For `status`: how `Retry-After` is written. @default 'seconds' */
  retryAfterAs?: 'seconds' | 'date';
  /** For `status`: further headers. */
  headers?: Readonly<Record<string, string>>;
  /** For `status` and `body`: the body, as it stands. */
  body?: string;
  /** For `latency`: how many milliseconds. @default 100 */
  milliseconds?: number;
  /** For `drip`: how fast, in bytes a second. @default 1_000 */
  bytesPerSecond?: number;
  /** For `shortPage`, `repeatTail`, `repeatOld`, `duplicatesOnly`: how many events. @default 3 */
  count?: number;
}

/** The kinds of request that a fault can happen to. */
export type FaultyKind = 'servers' | 'poll' | 'events' | 'token';

/** The name of a fault. */
export type FaultName = keyof typeof faults;

const api = ['servers', 'events'] as const;
const any = ['servers', 'poll', 'events', 'token'] as const;

/** Every fault: what it does, and to which requests when it does not say. */
export const faults = {
  refuse: { on: any, says: 'the port is closed, and opened again at `until`' },
  move: { on: ['poll'], says: 'the realtime server is closed, and opened again at `until` on another port' },
  reset: { on: any, says: 'the connection is reset before the answer' },
  resetInBody: { on: any, says: 'the connection is reset in the middle of a body with a content-length' },
  resetInChunks: { on: any, says: 'the connection is reset in the middle of a chunked body' },
  silence: { on: any, says: 'nothing comes, not even headers' },
  silenceInBody: { on: any, says: 'nothing more comes after half of the body' },
  deadPoll: { on: ['poll'], says: 'a poll that is held goes dead: its answer never comes' },
  drip: { on: any, says: 'the body comes slowly' },
  latency: { on: any, says: 'the answer comes late' },
  gzip: { on: any, says: 'the body is compressed' },
  status: { on: any, says: 'the answer has this status, these headers, this body' },
  body: { on: any, says: 'the answer is 200 with this body' },
  html: { on: any, says: 'the answer is 200 with a page of HTML, like that of a hotel' },
  empty: { on: any, says: 'the answer is 200 without a body' },
  emptyObject: { on: any, says: 'the answer is `{}`' },
  null: { on: any, says: 'the answer is `null`' },
  cut: { on: any, says: 'the answer is the first half of some JSON' },
  wrongTypes: { on: any, says: 'the answer has the right fields, and in them the wrong types' },
  redirect: { on: any, says: 'the answer is a redirect to another host' },
  unknownMessage: { on: ['poll'], says: 'the realtime server says what nobody knows' },
  newChange: { on: ['poll'], says: 'the realtime server says `new_change` at once, though nothing changed' },
  reconnect: { on: ['poll'], says: 'the realtime server says `reconnect` at once' },
  maxRetries: { on: ['poll'], says: 'the realtime server says `max_retries` before its time' },
  unknownChannel: { on: ['poll'], says: 'the realtime server does not know the channel: 404' },
  ignorePosition: {
    on: ['poll'],
    says: 'the realtime server announces only what happens after the poll began',
  },
  deadServer: { on: ['servers'], says: 'the first server of the list is dead' },
  noServers: { on: ['servers'], says: 'the list of servers is empty' },
  expireToken: { on: api, says: 'the token has expired: 401, until a new one is used' },
  revokeToken: { on: api, says: 'the token is revoked, and no new one is given' },
  repeatTail: { on: ['events'], says: 'the page begins with the last events of the page before' },
  repeatOld: { on: ['events'], says: 'the page ends with old events' },
  reorder: { on: ['events'], says: 'the events of the page come in reverse' },
  holdBack: { on: ['events'], says: 'the last event of the page comes with the next page instead' },
  duplicatesOnly: { on: ['events'], says: 'the page has old events only, and its position does not move' },
  shortPage: { on: ['events'], says: 'the page is shorter than asked for, though more remains' },
  longPage: { on: ['events'], says: 'the page is twice as long as asked for' },
  emptyPage: { on: ['events'], says: 'the page is empty, and its position is 0' },
  withoutId: { on: ['events'], says: 'the events have no `event_id`' },
  missingFields: { on: ['events'], says: 'the events have a type and an id, and nothing else' },
  unknownFields: { on: ['events'], says: 'the events have fields that nobody knows' },
  nullFields: { on: ['events'], says: 'all fields of the events but type and id are `null`' },
  positionAsNumber: { on: ['events'], says: 'the position is a bare number beyond 2^53' },
  positionAsString: { on: ['events'], says: 'the position is a string' },
} as const satisfies Record<string, { on: readonly FaultyKind[]; says: string }>;

/** To which kinds of request a fault happens. */
export function kindsOf({ what, on = faults[what].on }: Fault): readonly SimulatorRequest['kind'][] {
  return typeof on === 'string' ? [on] : on;
}
