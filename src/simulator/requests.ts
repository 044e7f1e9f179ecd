import type { IncomingHttpHeaders } from 'node:http';

/** What a request asks for: `OPTIONS /events`, a long poll, `GET /events`, a token, or anything else. */
export type RequestKind = 'servers' | 'poll' | 'events' | 'token' | 'other';

/** A request that reached the simulated Box. */
export interface SimulatorRequest {
  /** What it asks for: `OPTIONS /events`, a long poll, `GET /events`, a token, or anything else. */
  readonly kind: RequestKind;
  /** In capitals. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Whom it acts for, as far as its token, its channel or its grant say so. */
  readonly userId: string | undefined;
  /** Their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** When it came, in milliseconds of the simulator's clock. */
  readonly at: number;
  /** Whether it reached Box's API, a realtime server of Box, or a host that is not Box's, where a redirect led. */
  readonly host: 'api' | 'realtime' | 'elsewhere';
  /** Which realtime server it reached, from 0; undefined for a request to another host. */
  readonly server: number | undefined;
  /** The status of the answer, once there is one. */
  status: number | undefined;
  /** For how many milliseconds the answer asked to stay away: its `Retry-After`. */
  retryAfter: number | undefined;
  /** Whether the client went away before it was answered in full. */
  aborted: boolean;
  /** Whether it is over: answered in full, broken off, or given up by the client. */
  over: boolean;
}

/** How many requests a record keeps. */
const recordSize = 10_000;

/** The most recent requests, and those who wait for something to happen. */
export class RequestRecord {
  readonly requests: SimulatorRequest[] = [];
  readonly #waiting = new Set<Waiting>();
  #isClosed = false;

  add(request: SimulatorRequest): void {
    this.requests.push(request);
    if (this.requests.length > recordSize) this.requests.shift();
    this.notice();
  }

  /** Something has happened: whoever waits looks again. */
  notice(): void {
    for (const waiting of this.#waiting) this.#check(waiting);
  }

  until(condition: () => boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The simulator was stopped.'));
    return new Promise((resolve, reject) => {
      const waiting = { condition, resolve, reject };
      this.#waiting.add(waiting);
      this.#check(waiting);
    });
  }

  /** Nothing will happen any more: whoever still waits fails. */
  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting) {
      waiting.reject(new Error('The simulator was stopped before the condition held'));
    }
    this.#waiting.clear();
  }

  #check(waiting: Waiting): void {
    try {
      if (!waiting.condition()) return;
      waiting.resolve();
    } catch (error) {
      waiting.reject(error);
    }
    this.#waiting.delete(waiting);
  }
}

interface Waiting {
  condition: () => boolean;
  resolve: () => void;
  reject: (reason: unknown) => void;
}
