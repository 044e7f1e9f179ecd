import type { AnyActorRef, AnyEventObject } from 'xstate';
import { isCaughtUp, oldestIn, type StreamSnapshot, timeOf } from '../stream-snapshot.ts';
import { factsOf, type StreamFact } from './facts.ts';

/** The states of a stream, as its chart names them. */
export type StreamState =
  | 'fetchingServers'
  | 'polling'
  | 'fetchingEvents'
  | 'delivering'
  | 'backingOff'
  | 'paused'
  | 'stopped';

/** The states of a stream that runs, in the order of the life cycle. */
export const runningStates = [
  'fetchingServers',
  'polling',
  'fetchingEvents',
  'delivering',
  'backingOff',
  'paused',
] as const satisfies readonly StreamState[];

/** What is known of a stream since it is observed. Its clock is `performance.now()`. */
export class StreamRecord {
  #snapshot: StreamSnapshot;
  #state: StreamState;
  #progressAt: number;
  #hasProgressed: boolean;
  #behindSince: number | null = null;
  #event: AnyEventObject | undefined;
  #children: StreamSnapshot['children'] | undefined;
  /** When the actors began that run, or ran last, by id; not the actors themselves, which hold what they gave. */
  readonly #begun = new Map<unknown, { readonly sessionId: string; at: number }>();

  constructor(snapshot: StreamSnapshot) {
    const now = performance.now();
    this.#snapshot = snapshot;
    this.#state = stateOf(snapshot);
    this.#noteBegun(snapshot, now);
    this.#progressAt = now;
    // It polls for the first time when its first page is handled.
    this.#hasProgressed = snapshot.context.polls > 0;
  }

  get snapshot(): StreamSnapshot {
    return this.#snapshot;
  }

  get userId(): string | undefined {
    return this.#snapshot.context.userId;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** When a page was handled last, also one without events; until then, since when the stream is observed. */
  get progressAt(): number {
    return this.#progressAt;
  }

  /** Whether a page was handled yet. */
  get hasProgressed(): boolean {
    return this.#hasProgressed;
  }

  /**
   * How far the stream is behind, in milliseconds: the age of the oldest event in hand, or since when a change is known of that is not
   * fetched yet; 0 when it is caught up.
   */
  lag(now: number): number {
    if (isCaughtUp(this.#snapshot)) return 0;
    const since = oldestIn(this.#snapshot) ?? this.#behindSince;
    return since === null ? 0 : Math.max(0, now - since);
  }

  /** Takes a step of the chart, and says what the stream did in it. */
  take(next: StreamSnapshot, event: AnyEventObject): StreamFact[] {
    const now = performance.now();
    const before = this.#snapshot;
    const took = now - (this.#begunAt(event) ?? now);
    const facts = factsOf({
      event,
      before,
      next,
      took,
      isFirst: !this.#hasProgressed,
      isFollowing: event === this.#event,
    });
    this.#event = event;
    const state = stateOf(next);
    this.#snapshot = next;
    this.#state = state;
    this.#noteBegun(next, now);
    if (facts.some(({ type }) => type === 'delivered')) {
      this.#progressAt = now;
      this.#hasProgressed = true;
    }
    this.#noteLag(before, next, event);
    return facts;
  }

  #noteBegun({ children }: StreamSnapshot, now: number): void {
    // This is done in each step of each stream.
    if (children === this.#children) return;
    this.#children = children;
    for (const id in children) {
      const child: AnyActorRef | undefined = children[id];
      if (!child || this.#begun.get(id)?.sessionId === child.sessionId) continue;
      const begun = { sessionId: child.sessionId, at: now };
      this.#begun.set(id, begun);
      // In boxEventsFor() a fetch waits for its turn first, and says when that has come.
      if (fetches.has(id)) {
        child.on('turn', () => {
          begun.at = performance.now();
        });
      }
    }
  }

  #begunAt({ type, actorId }: AnyEventObject): number | undefined {
    const id = type.startsWith('xstate.after.retryTimeout.') ? 'longPoll' : actorId;
    return this.#begun.get(id)?.at;
  }

  // Between two pages none is in hand: what the last one said holds until the stream is caught up.
  #noteLag(before: StreamSnapshot, next: StreamSnapshot, { type }: AnyEventObject): void {
    const { page } = next.context;
    if (isCaughtUp(next)) this.#behindSince = null;
    else if (type === 'newChange') this.#behindSince = Date.now();
    else if (page && page !== before.context.page) {
      const [first] = page.events;
      this.#behindSince = (first && timeOf(first)) ?? this.#behindSince;
    }
  }
}

const fetches = new Set(['fetchEvents', 'fetchNextPage']);

// The page in hand may be handled before the one after it is fetched: then it is Box who is waited for, or other users, and nobody's handling.
function stateOf({ value, context }: StreamSnapshot): StreamState {
  if (typeof value === 'string') return value;
  return context.page ? 'delivering' : 'fetchingEvents';
}
