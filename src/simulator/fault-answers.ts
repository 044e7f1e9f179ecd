import type { Answer, Transfer } from './answer.ts';
import type { Fault, FaultName } from './fault.ts';
import type { SimulatorRequest } from './requests.ts';

interface Surroundings {
  /** Another host than Box's, where a redirect leads. */
  elsewhere: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** What a fault answers in Box's place; nothing when Box answers all the same. */
export function answerInstead(
  fault: Fault,
  request: SimulatorRequest,
  { elsewhere, now }: Surroundings,
): Answer | undefined {
  switch (fault.what) {
    case 'reset':
    case 'silence':
      return fault.what;
    case 'status':
      return {
        status: fault.status ?? 503,
        headers: { ...fault.headers, ...retryAfter(fault, now) },
        body: fault.body,
      };
    case 'redirect':
      return { status: 307, headers: { location: elsewhere + request.url } };
    case 'body':
      return { status: 200, body: fault.body };
    case 'wrongTypes':
      return { status: 200, body: wrongTypes[request.kind] ?? {} };
    case 'noServers':
      return { status: 200, body: { chunk_size: 0, entries: [] } };
    case 'unknownChannel':
      return { status: 404 };
    default:
      return bodies[fault.what];
  }
}

const bodies: Partial<Record<FaultName, Answer>> = {
  html: {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Welcome to the hotel</title>',
  },
  empty: { status: 200 },
  emptyObject: { status: 200, body: '{}' },
  null: { status: 200, body: 'null' },
  cut: { status: 200, body: '{"chunk_size":1,"entries":[{"type":"ev' },
  unknownMessage: { status: 200, body: { version: 1, message: 'something_else' } },
  newChange: { status: 200, body: { version: 1, message: 'new_change' } },
  reconnect: { status: 200, body: { version: 1, message: 'reconnect' } },
  maxRetries: { status: 200, body: { version: 1, message: 'max_retries' } },
};

const wrongTypes: Partial<Record<SimulatorRequest['kind'], unknown>> = {
  servers: {
    chunk_size: 'one',
    entries: [{ type: 'realtime_server', url: 7, ttl: null, max_retries: {}, retry_timeout: [] }],
  },
  poll: { version: 'one', message: ['new_change'] },
  events: { chunk_size: null, next_stream_position: { position: 7 }, entries: 'none' },
  token: { access_token: 7, expires_in: 'soon' },
};

function retryAfter({ retryAfter: seconds, retryAfterAs }: Fault, now: number): Record<string, string> {
  if (seconds === undefined) return {};
  // A date has no fractions of a second: the next whole one, so that it does not allow to come too early.
  const date = new Date(Math.ceil(now / 1_000 + seconds) * 1_000);
  return { 'retry-after': retryAfterAs === 'date' ? date.toUTCString() : String(seconds) };
}

/** The answer as the faults let it come. */
export function transferred(answer: Answer, faults: readonly Fault[]): Answer {
  if (typeof answer !== 'object' || faults.length === 0) return answer;
  const transfer = Object.assign({}, ...faults.map(transferOf));
  return Object.keys(transfer).length === 0 ? answer : { ...answer, transfer };
}

function transferOf({ what, milliseconds = 100, bytesPerSecond = 1_000 }: Fault): Transfer {
  switch (what) {
    case 'latency':
      return { latency: milliseconds };
    case 'drip':
      return { bytesPerSecond };
    case 'gzip':
      return { gzip: true };
    case 'resetInBody':
      return { breakOff: 'reset' };
    case 'resetInChunks':
      return { breakOff: 'reset', chunked: true };
    case 'silenceInBody':
      return { breakOff: 'silence' };
    default:
      return {};
  }
}
