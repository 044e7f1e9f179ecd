import type { BoxEvent } from '../machines/box-event.ts';
import type { RealtimeAnswer } from '../machines/box-events.machine.ts';
import type { EventsAnswer } from '../machines/page.ts';
import type { RealtimeServer } from '../machines/realtime-server.ts';
import { isPosition, leadsOn } from '../machines/stream-position.ts';
import { shapeError } from './errors.ts';
import { field } from './property.ts';
import { flawOf } from './token.ts';

const defaultMaxRetries = 10;
const mostServers = 100;

/** Reads the list of realtime servers; those that cannot be polled are left out. */
export function readServers(text: string): RealtimeServer[] {
  const entries = field(parse('servers', text), 'entries');
  const servers = Array.isArray(entries) ? entries.slice(0, mostServers).flatMap(readServer) : [];
  if (servers.length === 0) throw shapeError('servers', 'no realtime server that can be polled');
  return servers;
}

function readServer(entry: unknown): RealtimeServer[] {
  const url = field(entry, 'url');
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const { protocol, username, password } = new URL(url);
  if (!/^https?:$/.test(protocol) || username || password) return [];
  const maxRetries = readNumber(field(entry, 'max_retries'));
  const seconds = readNumber(field(entry, 'retry_timeout'));
  return [
    {
      url,
      maxRetries: maxRetries !== undefined && maxRetries >= 0 ? Math.floor(maxRetries) : defaultMaxRetries,
      ...(seconds !== undefined && { retryTimeout: seconds * 1_000 }),
    },
  ];
}

/** Reads a realtime server's answer; `undefined` when it is none that Box documents. */
export function readRealtimeAnswer(text: string, isSuccess: boolean): RealtimeAnswer | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const said = ['message', 'error', 'code'].map((name) => field(body, name));
  if (said.includes('max_retries')) return { type: 'maxRetries' };
  if (isSuccess && said.includes('new_change')) return { type: 'newChange' };
  if (isSuccess && said.includes('reconnect')) return { type: 'reconnect' };
  return undefined;
}

/** Reads a page of events that was asked for with `limit`, from `asked`. */
export function readEvents(text: string, { limit, asked }: { limit: number; asked: string }): EventsAnswer {
  const body = parse('events', text);
  const entries = field(body, 'entries');
  if (!Array.isArray(entries)) throw shapeError('events', 'no list of events');
  const streamPosition = readPosition(text, field(body, 'next_stream_position'));
  if (asked === 'now' && !leadsOn(streamPosition)) {
    throw shapeError('events', 'no position to start from');
  }
  return { events: entries.filter(isEvent), streamPosition, isFull: entries.length >= limit };
}

function isEvent(entry: unknown): entry is BoxEvent {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

// A position is a 64-bit integer, and as a bare number beyond what JSON.parse can hold: its digits are taken from the text.
function readPosition(text: string, parsed: unknown): string | undefined {
  if (parsed === undefined || parsed === null) return undefined;
  const position = typeof parsed === 'number' ? digitsOf(text, parsed) : parsed;
  if (isPosition(position)) return position;
  throw shapeError('events', 'a position that is no decimal number');
}

const positionNumber = /("next_stream_position"\s*:\s*)(\d{1,20})(?![\d.eE])/g;

function digitsOf(text: string, parsed: number): unknown {
  if (Number.isSafeInteger(parsed)) return String(parsed);
  const written = [...text.matchAll(positionNumber)].map(([, , digits = '']) => digits);
  const candidates = new Set(written.filter((digits) => Number(digits) === parsed));
  const [digits] = candidates;
  // As it stands it would be a part of the text, and keep all of that in memory for as long as it is kept itself.
  if (digits !== undefined && candidates.size === 1) return String(BigInt(digits));
  // An event has a field of the same name: let the parser tell which one is the page's.
  return field(JSON.parse(text.replace(positionNumber, '$1"$2"')), 'next_stream_position');
}

/** An access token, and for how many milliseconds it holds. */
export interface AccessToken {
  readonly accessToken: string;
  readonly lifetime: number;
}

/** Reads the answer of the token endpoint. */
export function readAccessToken(text: string): AccessToken {
  const body = parse('token', text);
  const accessToken = field(body, 'access_token');
  const seconds = readNumber(field(body, 'expires_in'));
  if (typeof accessToken !== 'string' || flawOf(accessToken) || seconds === undefined || seconds <= 0) {
    throw shapeError('token', 'no access token that holds for a time');
  }
  return { accessToken, lifetime: seconds * 1_000 };
}

function parse(request: 'token' | 'servers' | 'events', text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw shapeError(request, text.trim() === '' ? 'an empty body' : 'something that is no JSON');
  }
}

function readNumber(value: unknown): number | undefined {
  const isWritten = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isWritten ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
