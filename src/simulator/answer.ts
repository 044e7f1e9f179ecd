import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SimulatorClock } from './clock.ts';

/**
 * What a request is answered with: a status with headers and a body (a string is sent as it stands, any other value as JSON, none as
 * an empty body), or `silence` (nothing ever comes), or `reset` (the connection is torn down before an answer).
 */
export type Answer = WholeAnswer | 'silence' | 'reset';

/** An answer that has a status, headers and a body, and comes as {@link Transfer} says. */
export interface WholeAnswer {
  /** From 200 to 599. */
  status: number;
  /** Further headers than Box's. */
  headers?: Readonly<Record<string, string>>;
  /** A string is sent as it stands, any other value as JSON, none as an empty body. */
  body?: unknown;
  /** How it comes. @default at once and whole */
  transfer?: Transfer;
}

/** How an answer comes, when not at once and in one piece. */
export interface Transfer {
  /** After how many milliseconds. */
  latency?: number;
  /** How fast, in bytes a second. */
  bytesPerSecond?: number;
  /** Compressed. */
  gzip?: boolean;
  /** Without a content-length. */
  chunked?: boolean;
  /** After half of the body the connection is reset, or nothing more comes. */
  breakOff?: 'reset' | 'silence';
}

/** Writes an answer to the wire: the only place where one is written. */
export function writeAnswer(response: ServerResponse, answer: Answer, clock: SimulatorClock): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const { latency, ...transfer } = answer.transfer ?? {};
  if (latency === undefined) writeWhole(response, answer, transfer, clock);
  else clock.setTimeout(() => writeWhole(response, answer, transfer, clock), latency);
}

function writeWhole(
  response: ServerResponse,
  { status, headers, body }: WholeAnswer,
  transfer: Transfer,
  clock: SimulatorClock,
): void {
  if (response.destroyed) return;
  response.statusCode = status;
  if (body !== undefined) response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  if (Object.keys(transfer).length === 0) response.end(text);
  else writeTransfer(response, Buffer.from(text ?? ''), transfer, clock);
}

function writeTransfer(
  response: ServerResponse,
  plain: Buffer,
  transfer: Transfer,
  clock: SimulatorClock,
): void {
  const body = transfer.gzip ? gzipSync(plain) : plain;
  if (transfer.gzip) response.setHeader('content-encoding', 'gzip');
  // What breaks off is not whole, also where there was nothing to say.
  if (!transfer.chunked)
    response.setHeader('content-length', transfer.breakOff ? Math.max(1, body.length) : body.length);
  const sent = transfer.breakOff ? body.subarray(0, Math.ceil(body.length / 2)) : body;
  const finish = () => {
    if (transfer.breakOff === 'reset') response.write('', () => response.socket?.resetAndDestroy());
    else if (transfer.breakOff === undefined) response.end();
  };
  response.flushHeaders();
  if (transfer.bytesPerSecond === undefined) response.write(sent, finish);
  else drip(response, sent, { bytesPerSecond: transfer.bytesPerSecond, clock, finish });
}

interface Drip {
  bytesPerSecond: number;
  clock: SimulatorClock;
  finish: () => void;
}

/** A tenth of a second's worth, each tenth of a second; or a byte at a time. */
function drip(response: ServerResponse, body: Buffer, options: Drip): void {
  const size = Math.max(1, Math.floor(options.bytesPerSecond / 10));
  if (response.destroyed) return;
  response.write(body.subarray(0, size));
  const rest = body.subarray(size);
  if (rest.length === 0) options.finish();
  else
    options.clock.setTimeout(
      () => drip(response, rest, options),
      Math.max(100, 1_000 / options.bytesPerSecond),
    );
}

/** An error as Box's API words it, see https://developer.box.com/reference/resources/client-error. */
export function errorAnswer(status: number, code: string, message: string, headers = {}): WholeAnswer {
  return {
    status,
    headers,
    body: { type: 'error', status, code, help_url: 'http://developers.box.com/docs/#errors', message },
  };
}
