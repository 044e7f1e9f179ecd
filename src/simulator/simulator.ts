import { Account } from './account.ts';
import { createApi } from './api.ts';
import { type SimulatorClock, systemClock } from './clock.ts';
import { completeEvent } from './complete-event.ts';
import type { StreamType } from './event-types.ts';
import { type Host, type Intercept, type Listening, listen } from './host.ts';
import { createRandom } from './random.ts';
import { Realtime } from './realtime.ts';
import { RequestRecord, type SimulatorRequest } from './requests.ts';
import type { SimulatorEvent } from './simulator-event.ts';
import { startTraffic, type TrafficOptions } from './traffic.ts';
import { inventUsers, type SimulatorUser } from './users.ts';

/** What the simulated Box is like. */
export interface SimulatorOptions {
  /** Where the API listens on 127.0.0.1; 0 is any free port. @default 0 */
  port?: number;
  /** Who has an account, or how many people to make up. @default 1 */
  users?: readonly SimulatorUser[] | number;
  /** A token that acts for any user through the header `as-user`. @default 'token-of-the-service-account' */
  serviceToken?: string;
  /** How many realtime servers there are, each on a port of its own. @default 2 */
  realtimeServers?: number;
  /** How often a channel may be polled again, as the list of servers says. @default 10 */
  maxRetries?: number;
  /** After how many seconds of silence a client shall poll again, as the list of servers says. @default 610 */
  retryTimeout?: number;
  /** How many milliseconds a poll is held before it is answered `reconnect`. @default 300_000 */
  reconnectAfter?: number;
  /**
   * How `next_stream_position` is written: Box does both. As a number it is beyond 2^53, and a client that reads it with
   * `JSON.parse` loses its last digits. @default 'number'
   */
  positionType?: 'number' | 'string';
  /** Whence every timer and timestamp comes. @default real time */
  clock?: SimulatorClock;
  /** May answer in Box's place, see {@link Simulator.intercept}. */
  intercept?: Intercept;
}

/** A Box of one's own on 127.0.0.1. */
export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `http://127.0.0.1:PORT/2.0`, what `https://api.box.com/2.0` is to Box. */
  readonly apiUrl: string;
  /** Who has an account. */
  readonly users: readonly SimulatorUser[];
  /** The token of the first user. */
  readonly token: string;
  /** The token that acts for any user through `as-user`. */
  readonly serviceToken: string;
  /**
   * Is asked about every request first, and may answer it in Box's place. An error that it throws is answered with status 500.
   * Assign `undefined` to have Box answer again.
   */
  intercept: Intercept | undefined;
  /** How many long polls are held at this moment. */
  readonly heldPolls: number;
  /** The requests that came, the oldest first: the most recent 10,000. */
  readonly requests: readonly SimulatorRequest[];
  /**
   * Makes something happen to a user (by default the first one), and wakes the polls for which it is news. What the event does not
   * say is made up; a field given as `undefined` is left out. Returns the event as it is held.
   */
  publish(event?: SimulatorEvent, options?: { userId?: string }): SimulatorEvent;
  /** Has people work, until the returned function is called or the simulator stops. */
  startTraffic(options?: TrafficOptions): () => void;
  /** What Box holds of a user (by default the first one), in order. */
  eventsOf(userId?: string): SimulatorEvent[];
  /** The current position of a user (by default the first one), as `stream_position=now` gives it. */
  positionOf(userId?: string): string;
  /**
   * Resolves as soon as the condition holds. It is looked at now, and again after each request, answer, publication, and whenever a
   * poll is held or a client goes away. Rejects when the condition throws, or when the simulator stops first.
   */
  until(condition: () => boolean): Promise<void>;
  /** Destroys every connection, clears every timer, and resolves when all ports are free. */
  stop(): Promise<void>;
}

/** Starts a simulated Box. It runs until `stop()`, which `await using` calls by itself. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { clock = systemClock, serviceToken = 'token-of-the-service-account' } = options;
  const { maxRetries = 10, retryTimeout = 610, reconnectAfter = 300_000, positionType = 'number' } = options;
  const users = typeof options.users === 'object' ? options.users : inventUsers(options.users ?? 1);
  const random = createRandom(1);
  const createAccount = (user: SimulatorUser) => new Account(user, { random, now: () => clock.now() });
  const accounts = users.map(createAccount);
  const accountsById = new Map(accounts.map((account) => [account.user.id, account]));
  const serviceAccount = createAccount(serviceUser(serviceToken));
  const record = new RequestRecord();
  const realtime = new Realtime({ clock, maxRetries, reconnectAfter, onHeld: () => record.notice() });
  const api = createApi({ accounts, serviceAccount, openChannels, maxRetries, retryTimeout, positionType });
  const listening: Listening[] = [];
  const realtimeUrls: string[] = [];
  const stopsOfTraffic: (() => void)[] = [];
  let { intercept } = options;
  let stopped: Promise<void> | undefined;

  const url = await start(api, options.port);
  for (let server = 0; server < (options.realtimeServers ?? 2); server += 1) {
    realtimeUrls.push(await start(realtime.host(server)));
  }

  async function start(host: Host, port = 0): Promise<string> {
    const server = await listen(host, port, { clock, record, intercept: (request) => intercept?.(request) });
    listening.push(server);
    return server.url;
  }

  function openChannels(account: Account, streamType: StreamType): string[] {
    return realtimeUrls.map((realtimeUrl) => {
      const channel = realtime.openChannel(account, streamType);
      return `${realtimeUrl}/subscribe?channel=${channel}&stream_type=${streamType}`;
    });
  }

  function accountOf(userId = users[0]?.id): Account {
    const account = accountsById.get(userId ?? '');
    if (account === undefined) throw new Error(`There is no user ${userId}`);
    return account;
  }

  function publish(event: SimulatorEvent, userId: string | undefined): SimulatorEvent {
    const account = accountOf(userId);
    const completed = completeEvent(event, account.office);
    realtime.announce(account, account.log.append(completed, clock.now()));
    record.notice();
    return completed;
  }

  function work(traffic: TrafficOptions): () => void {
    const stopTraffic = startTraffic(traffic, { users, clock, publish });
    stopsOfTraffic.push(stopTraffic);
    return stopTraffic;
  }

  async function stop(): Promise<void> {
    for (const stopTraffic of stopsOfTraffic) stopTraffic();
    realtime.clear();
    await Promise.all(listening.map((server) => server.close()));
    record.close();
  }

  return {
    url,
    apiUrl: `${url}/2.0`,
    users,
    token: users[0]?.token ?? '',
    serviceToken,
    get intercept() {
      return intercept;
    },
    set intercept(next) {
      intercept = next;
    },
    get heldPolls() {
      return realtime.heldPolls;
    },
    get requests() {
      return record.requests;
    },
    publish: (event = {}, { userId } = {}) => publish(event, userId),
    startTraffic: (traffic = {}) => work(traffic),
    eventsOf: (userId) => accountOf(userId).log.entries.map(({ json }) => JSON.parse(json)),
    positionOf: (userId) => String(accountOf(userId).log.position),
    until: (condition) => record.until(condition),
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => (stopped ??= stop()),
  };
}

/** Whom the service token stands for when it acts for nobody else. */
function serviceUser(token: string): SimulatorUser {
  const id = '20000000001';
  return { id, name: 'Service Account', login: `AutomationUser_${id}@boxdevedition.com`, token };
}
