import { randomBytes } from 'node:crypto';
import type { Account } from './account.ts';
import type { Answer } from './answer.ts';
import type { SimulatorClock } from './clock.ts';
import type { LoggedEvent } from './event-log.ts';
import type { StreamType } from './event-types.ts';
import type { Fault } from './fault.ts';
import type { Host, Identity } from './host.ts';
import { parsePosition, pathOf, queryOf } from './query.ts';
import type { SimulatorRequest } from './requests.ts';

export interface RealtimeOptions {
  clock: SimulatorClock;
  maxRetries: number;
  reconnectAfter: number;
  /** A poll has begun to be held. */
  onHeld: () => void;
}

/** What a realtime URL stands for: its key alone says whose stream it is. */
interface Channel {
  account: Account;
  streamType: StreamType;
  polls: number;
}

interface HeldPoll {
  channel: Channel;
  position: bigint;
  timer: unknown;
  answer: (answer: Answer) => void;
}

/** How many channels are remembered; a poll of an older one is answered 404. */
const channelLimit = 100_000;

/** The realtime servers: their channels and the polls that they hold, which all of them share. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #held = new Map<SimulatorRequest, HeldPoll>();
  readonly #heldOf = new Map<Account, Set<SimulatorRequest>>();

  constructor(options: RealtimeOptions) {
    this.#options = options;
  }

  get heldPolls(): number {
    return this.#held.size;
  }

  /** Opens a channel and returns its key. */
  openChannel(account: Account, streamType: StreamType): string {
    const key = randomBytes(16).toString('hex');
    this.#channels.set(key, { account, streamType, polls: 0 });
    const [oldest] = this.#channels.keys();
    if (this.#channels.size > channelLimit && oldest !== undefined) this.#channels.delete(oldest);
    return key;
  }

  /** The realtime server of this index. Box closes the connection after each of its answers. */
  host(server: number): Host {
    return {
      server,
      keepAlive: false,
      identify: (method, url) => this.#identify(method, url),
      name: 'realtime',
      answer: (request, faults) => this.#answer(request, faults),
      forget: (request) => this.#letGo(request),
    };
  }

  /** Answers every held poll for which this event is news. */
  announce(account: Account, event: LoggedEvent): void {
    for (const request of this.#heldOf.get(account) ?? []) {
      const poll = this.#held.get(request);
      if (poll === undefined || event.position <= poll.position) continue;
      if (event.streamTypes.includes(poll.channel.streamType)) this.#release(request, 'new_change');
    }
  }

  /** Lets every held poll go without an answer. */
  clear(): void {
    for (const request of this.#held.keys()) this.#letGo(request);
  }

  #identify(method: string, url: string): Identity {
    if (method !== 'GET' || pathOf(url) !== '/subscribe') return { kind: 'other', userId: undefined };
    return { kind: 'poll', userId: this.#channelOf(url)?.account.user.id };
  }

  #answer(request: SimulatorRequest, faults: readonly Fault[]): Answer | Promise<Answer> {
    if (pathOf(request.url) !== '/subscribe') return { status: 404 };
    if (request.kind !== 'poll') return { status: 405, headers: { allow: 'GET' } };
    const channel = this.#channelOf(request.url);
    if (channel === undefined) return { status: 404 };
    const position = parsePosition(queryOf(request.url).get('stream_position'));
    if (position === undefined) return { status: 400 };
    channel.polls += 1;
    if (channel.polls > this.#options.maxRetries + 1) return message('max_retries');
    const ignoresPosition = faults.some(({ what }) => what === 'ignorePosition');
    if (!ignoresPosition && channel.account.log.hasEventsAfter(position, channel.streamType))
      return message('new_change');
    return this.#hold(request, channel, position);
  }

  #channelOf(url: string): Channel | undefined {
    return this.#channels.get(queryOf(url).get('channel') ?? '');
  }

  #hold(request: SimulatorRequest, channel: Channel, position: bigint): Promise<Answer> {
    const { clock, reconnectAfter, onHeld } = this.#options;
    const { promise, resolve: answer } = Promise.withResolvers<Answer>();
    const timer = clock.setTimeout(() => this.#release(request, 'reconnect'), reconnectAfter);
    this.#held.set(request, { channel, position, timer, answer });
    const heldOfAccount = this.#heldOf.get(channel.account) ?? new Set();
    this.#heldOf.set(channel.account, heldOfAccount.add(request));
    onHeld();
    return promise;
  }

  #release(request: SimulatorRequest, text: string): void {
    this.#letGo(request)?.answer(message(text));
  }

  #letGo(request: SimulatorRequest): HeldPoll | undefined {
    const poll = this.#held.get(request);
    if (poll === undefined) return undefined;
    this.#options.clock.clearTimeout(poll.timer);
    this.#held.delete(request);
    const heldOfAccount = this.#heldOf.get(poll.channel.account);
    heldOfAccount?.delete(request);
    if (heldOfAccount?.size === 0) this.#heldOf.delete(poll.channel.account);
    return poll;
  }
}

function message(text: string): Answer {
  return { status: 200, body: { version: 1, message: text } };
}
