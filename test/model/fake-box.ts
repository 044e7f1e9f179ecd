import { fromPromise, SimulatedClock } from 'xstate';
import { BoxError } from '../../machines/box-error.ts';
import type { BoxEvent } from '../../machines/box-event.ts';
import type {
  EventsInput,
  LongPollInput,
  RealtimeAnswer,
  ServersInput,
} from '../../machines/box-events.machine.ts';
import type { EventsAnswer } from '../../machines/page.ts';
import type { RealtimeServer } from '../../machines/realtime-server.ts';
import { busyFor, type Kind, limit, type Trouble, type World } from './world.ts';

const channelKey = 'the-key-of-the-channel';
/** More requests than this in one instant are not answered. */
const spin = 300;
const servers = ['a', 'b'].map((host) => ({
  ...{ url: `http://${host}/?channel=${channelKey}`, maxRetries: 3, retryTimeout: 60_000 },
}));

/**
 * A Box in memory, as fast as promises are: a log of events whose positions are their numbers, and realtime servers that hold polls.
 * What it simplifies, the simulator does in full.
 */
export function createFakeBox(): World {
  const clock = new SimulatedClock();
  const log: BoxEvent[] = [];
  const requests: { kind: Kind; at: number; over: boolean }[] = [];
  const expected: Record<Kind, Trouble[]> = { servers: [], poll: [], events: [] };
  const polls = new Set<{ position: number; answer: (answer: RealtimeAnswer) => void }>();
  const awayUntil = { api: 0, realtime: 0 };
  let early = 0;

  async function request<T>(
    kind: Kind,
    signal: AbortSignal,
    answer: (trouble?: Trouble) => T | Promise<T>,
  ): Promise<T> {
    const host = kind === 'poll' ? 'realtime' : 'api';
    // One that spins would never rest.
    if (requests.at(-spin)?.at === clock.now()) return await new Promise<never>(() => {});
    const record = { kind, at: clock.now(), over: false };
    requests.push(record);
    if (record.at < awayUntil[host]) early += 1;
    const end = () => {
      record.over = true;
    };
    signal.addEventListener('abort', end);
    const trouble = expected[kind].shift();
    if (trouble === 'silence') return await new Promise<never>(() => {});
    try {
      if (trouble === 'failure') throw mayPass(kind);
      if (trouble === 'busy') {
        awayUntil[host] = clock.now() + busyFor * 1_000;
        throw mayPass(kind, busyFor * 1_000);
      }
      return await answer(trouble);
    } finally {
      end();
    }
  }

  function poll(position: number, trouble?: Trouble): RealtimeAnswer | Promise<RealtimeAnswer> {
    if (trouble === 'newChange' || trouble === 'reconnect' || trouble === 'maxRetries')
      return { type: trouble };
    if (position < log.length) return { type: 'newChange' };
    return new Promise((resolve) => {
      const held = {
        position,
        answer: (answer: RealtimeAnswer) => {
          polls.delete(held);
          resolve(answer);
        },
      };
      polls.add(held);
      clock.setTimeout(() => held.answer({ type: 'reconnect' }), 50_000);
    });
  }

  function page(from: string, trouble?: Trouble): EventsAnswer {
    if (trouble === 'empty') return { events: [], streamPosition: '0', isFull: false };
    if (from === 'now') return { events: [], streamPosition: String(log.length), isFull: false };
    const position = Number(from);
    const events = log.slice(position, position + (trouble === 'short' ? 1 : limit));
    const isFull = events.length >= limit;
    const next = String(position + events.length);
    const tail = log.slice(Math.max(0, position - 2), position);
    if (trouble === 'onlyOld') return { events: tail, streamPosition: from, isFull: false };
    if (trouble === 'repeatTail') return { events: [...tail, ...events], streamPosition: next, isFull };
    return { events, streamPosition: next, isFull };
  }

  return {
    clock,
    requests,
    keys: [channelKey],
    services: {
      fetchServers: fromPromise<readonly RealtimeServer[], ServersInput>(({ signal }) =>
        request('servers', signal, () => servers),
      ),
      longPoll: fromPromise<RealtimeAnswer, LongPollInput>(({ input, signal }) =>
        request('poll', signal, (trouble) => poll(Number(input.streamPosition), trouble)),
      ),
      fetchEvents: fromPromise<EventsAnswer, EventsInput>(({ input, signal }) =>
        request('events', signal, (trouble) => page(input.streamPosition, trouble)),
      ),
    },
    get ids() {
      return log.map(({ event_id }) => event_id ?? '');
    },
    get early() {
      return early;
    },
    publish: (count) => {
      for (let index = 0; index < count; index++)
        log.push({ type: 'event', event_id: `event ${log.length + 1}` });
      for (const held of polls) if (held.position < log.length) held.answer({ type: 'newChange' });
    },
    trouble: (kind, troubles) => expected[kind].push(...troubles),
    endTroubles: () => {
      for (const troubles of Object.values(expected)) troubles.length = 0;
    },
    countUpTo: (streamPosition) => Number(streamPosition),
    forgive: () => Object.assign(awayUntil, { api: 0, realtime: 0 }),
    // Promises alone are under way.
    rests: () => new Promise((resolve) => setImmediate(resolve)),
    stop: async () => {},
  };
}

const mayPass = (request: Kind, retryAfter?: number) =>
  new BoxError('For now.', { request, transient: true, retryAfter });
