import type { FaultName } from './fault.ts';
import type { RequestKind, SimulatorRequest } from './requests.ts';

/** What the simulated Box saw, since it began or since the last `resetReport()`. */
export interface Report {
  /** Requests that came, by kind. */
  requests: Record<RequestKind, number>;
  /** The most requests of a kind that came in one second of the clock. */
  busiestSecond: Record<RequestKind, number>;
  /** Requests that came, by user and kind. */
  users: Record<string, Record<RequestKind, number>>;
  /** Requests that came before the `Retry-After` of an earlier answer of the same host to the same user had passed. */
  earlyRetries: number;
  /** Requests that carried an access token to a realtime server or to a host that is not Box's. */
  strayTokens: number;
  /** Requests that reached a host that is not Box's. */
  elsewhere: number;
  /** Requests whose client went away before it was answered in full. */
  aborted: number;
  /** The most polls that were held at once. */
  mostHeldPolls: number;
  /** Events that were published. */
  published: number;
  /** To how many requests each fault happened. A closed port counts once. */
  faults: Partial<Record<FaultName, number>>;
}

/** Keeps the report up to date. */
export class Reporter {
  readonly report: Report = emptyReport();
  /** Of each kind, the second that it is, and how many requests came in it. */
  readonly #seconds = new Map<RequestKind, { second: number; count: number }>();
  /** Until when a user was asked to stay away from a host. */
  readonly #awayUntil = new Map<string, number>();

  came(request: SimulatorRequest): void {
    const { kind, host, userId, at, headers } = request;
    const { report } = this;
    report.requests[kind] += 1;
    if (userId !== undefined) {
      report.users[userId] ??= noRequests();
      report.users[userId][kind] += 1;
    }
    report.busiestSecond[kind] = Math.max(report.busiestSecond[kind], this.#countInSecond(kind, at));
    if (at < (this.#awayUntil.get(`${host} ${userId}`) ?? 0)) report.earlyRetries += 1;
    if (host === 'elsewhere') report.elsewhere += 1;
    if (host !== 'api' && headers.authorization !== undefined) report.strayTokens += 1;
  }

  answered({ host, userId, retryAfter }: SimulatorRequest, now: number): void {
    if (retryAfter !== undefined) this.#awayUntil.set(`${host} ${userId}`, now + retryAfter);
  }

  aborted(): void {
    this.report.aborted += 1;
  }

  held(polls: number): void {
    this.report.mostHeldPolls = Math.max(this.report.mostHeldPolls, polls);
  }

  met(what: FaultName): void {
    this.report.faults[what] = (this.report.faults[what] ?? 0) + 1;
  }

  published(): void {
    this.report.published += 1;
  }

  reset(): void {
    Object.assign(this.report, emptyReport());
    this.#seconds.clear();
    this.#awayUntil.clear();
  }

  #countInSecond(kind: RequestKind, at: number): number {
    const second = Math.floor(at / 1_000);
    const current = this.#seconds.get(kind);
    const count = current?.second === second ? current.count + 1 : 1;
    this.#seconds.set(kind, { second, count });
    return count;
  }
}

function emptyReport(): Report {
  return {
    requests: noRequests(),
    busiestSecond: noRequests(),
    users: {},
    earlyRetries: 0,
    strayTokens: 0,
    elsewhere: 0,
    aborted: 0,
    mostHeldPolls: 0,
    published: 0,
    faults: {},
  };
}

function noRequests(): Record<RequestKind, number> {
  return { servers: 0, poll: 0, events: 0, token: 0, other: 0 };
}
