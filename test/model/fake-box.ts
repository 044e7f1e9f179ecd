import { fromPromise, type SimulatedClock } from 'xstate';
import { BoxError, type BoxRequest } from '../../machines/box-error.ts';
import type { BoxEvent } from '../../machines/box-event.ts';
import type {
  EventsInput,
  LongPollInput,
  RealtimeAnswer,
  ServersInput,
} from '../../machines/box-events.machine.ts';
import type { EventsAnswer } from '../../machines/page.ts';
import type { RealtimeServer } from '../../machines/realtime-server.ts';

/** What goes wrong with a request. */
export type Trouble =
  | 'failure'
  | 'silence'
  | 'newChange'
  | 'reconnect'
  | 'maxRetries'
  | 'repeatTail'
  | 'onlyOld'
  | 'empty';

/** What is in the URL of each realtime server, and must not be told to anybody. */
export const channelKey = 'the-key-of-the-channel';

/**
 * A Box in memory, as fast as promises are: a log of events whose positions are their numbers, and realtime servers that hold polls.
 * It is for running thousands of timelines; what it simplifies, the simulator does in full.
 */
export class FakeBox {
  /** How many requests came. */
  requests = 0;
  /** How many are open: neither answered nor aborted. */
  open = 0;
  /** The most that were open at once. */
  mostOpen = 0;
  readonly #clock: SimulatedClock;
  readonly #log: BoxEvent[] = [];
  readonly #troubles: Record<'servers' | 'poll' | 'events', Trouble[]> = {
    servers: [],
    poll: [],
    events: [],
  };
  readonly #polls = new Set<{ position: number; answer: (answer: RealtimeAnswer) => void }>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** The ids of all that was published, in order. */
  get ids(): string[] {
    return this.#log.map(({ event_id }) => event_id ?? '');
  }

  publish(count: number): void {
    for (let index = 0; index < count; index++)
      this.#log.push({ type: 'event', event_id: `event ${this.#log.length + 1}` });
    for (const poll of this.#polls) if (poll.position < this.#log.length) poll.answer({ type: 'newChange' });
  }

  /** The next requests of a kind meet with these troubles, one each. */
  trouble(kind: 'servers' | 'poll' | 'events', troubles: readonly Trouble[]): void {
    this.#troubles[kind].push(...troubles);
  }

  endTroubles(): void {
    for (const troubles of Object.values(this.#troubles)) troubles.length = 0;
  }

  /** The actors of the machine. */
  services(limit: number) {
    return {
      fetchServers: fromPromise<readonly RealtimeServer[], ServersInput>(({ signal }) =>
        this.#request('servers', signal, async () =>
          ['a', 'b'].map((host) => ({
            url: `http://${host}/?channel=${channelKey}`,
            maxRetries: 3,
            retryTimeout: 60_000,
          })),
        ),
      ),
      longPoll: fromPromise<RealtimeAnswer, LongPollInput>(({ input, signal }) =>
        this.#request('poll', signal, (trouble) => this.#poll(Number(input.streamPosition), trouble)),
      ),
      fetchEvents: fromPromise<EventsAnswer, EventsInput>(({ input, signal }) =>
        this.#request('events', signal, async (trouble) => this.#page(input.streamPosition, limit, trouble)),
      ),
    };
  }

  async #request<T>(
    kind: 'servers' | 'poll' | 'events',
    signal: AbortSignal,
    answer: (trouble?: Trouble) => Promise<T>,
  ): Promise<T> {
    this.requests += 1;
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    const end = () => {
      this.open -= 1;
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      const trouble = this.#troubles[kind].shift();
      if (trouble === 'failure') throw mayPass(kind);
      if (trouble === 'silence' && kind === 'poll') return await new Promise<never>(() => {});
      return await answer(trouble);
    } finally {
      if (!signal.aborted) {
        signal.removeEventListener('abort', end);
        end();
      }
    }
  }

  #poll(position: number, trouble?: Trouble): Promise<RealtimeAnswer> {
    if (trouble === 'newChange' || trouble === 'reconnect' || trouble === 'maxRetries')
      return Promise.resolve({ type: trouble });
    if (position < this.#log.length) return Promise.resolve({ type: 'newChange' });
    return new Promise((resolve) => {
      const poll = {
        position,
        answer: (answer: RealtimeAnswer) => {
          this.#polls.delete(poll);
          resolve(answer);
        },
      };
      this.#polls.add(poll);
      this.#clock.setTimeout(() => poll.answer({ type: 'reconnect' }), 50_000);
    });
  }

  #page(from: string, limit: number, trouble?: Trouble): EventsAnswer {
    if (from === 'now') return { events: [], streamPosition: String(this.#log.length), isFull: false };
    const position = Number(from);
    const events = this.#log.slice(position, position + limit);
    const isFull = events.length >= limit;
    const next = String(position + events.length);
    const tail = this.#log.slice(Math.max(0, position - 2), position);
    if (trouble === 'empty') return { events: [], streamPosition: '0', isFull: false };
    if (trouble === 'onlyOld') return { events: tail, streamPosition: from, isFull: false };
    if (trouble === 'repeatTail') return { events: [...tail, ...events], streamPosition: next, isFull };
    return { events, streamPosition: next, isFull };
  }
}

const mayPass = (request: BoxRequest) => new BoxError('For now.', { request, transient: true });
