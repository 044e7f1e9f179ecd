import { Account } from './account.ts';
import { createApi } from './api.ts';
import { Application, type SimulatorApplication } from './application.ts';
import { checkFault } from './check-fault.ts';
import { systemClock, trackClock } from './clock.ts';
import { completeEvent } from './complete-event.ts';
import { type Control, createControl } from './control.ts';
import type { StreamType } from './event-types.ts';
import type { Fault } from './fault.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { type Host, type Intercept, type Listening, listen } from './host.ts';
import { beginOutage, isOutage } from './outages.ts';
import { createRandom } from './random.ts';
import { Realtime } from './realtime.ts';
import { type Report, Reporter } from './report.ts';
import { RequestRecord, type SimulatorRequest } from './requests.ts';
import { playScenario, type Scenario } from './scenario.ts';
import type { SimulatorEvent } from './simulator-event.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { Tokens } from './tokens.ts';
import { startTraffic, type TrafficOptions } from './traffic.ts';
import { inventUsers, type SimulatorUser } from './users.ts';

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
  /** `http://127.0.0.1:PORT/oauth2/token`, what `https://api.box.com/oauth2/token` is to Box. */
  readonly tokenUrl: string;
  /** The app that may ask for tokens at `tokenUrl`. */
  readonly application: SimulatorApplication;
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
  /**
   * Has something go wrong from now on, as {@link Fault} says.
   *
   * @returns what ends it.
   * @throws {TypeError} that says what is wrong with the fault.
   */
  setFault(fault: Fault): () => Promise<void>;
  /** Ends every fault. */
  clearFaults(): Promise<void>;
  /** Plays a scenario. Resolves when it is over, and its faults are ended. */
  play(scenario: Scenario): Promise<void>;
  /** What was seen since the simulator began, or since `resetReport()`. */
  readonly report: Report;
  /** Begins the report anew. */
  resetReport(): void;
  /** A further access token for a user (by default the first one). */
  issueToken(userId?: string): string;
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
  const { serviceToken = 'token-of-the-service-account' } = options;
  const clock = trackClock(options.clock ?? systemClock);
  const { maxRetries = 10, retryTimeout = 610, reconnectAfter = 300_000, positionType = 'number' } = options;
  const users = typeof options.users === 'object' ? options.users : inventUsers(options.users ?? 1);
  const random = createRandom(options.seed ?? 1);
  const now = () => clock.now();
  const createAccount = (user: SimulatorUser) => new Account(user, { random, now });
  const accounts = users.map(createAccount);
  const accountsById = new Map(accounts.map((account) => [account.user.id, account]));
  const serviceAccount = createAccount(serviceUser(serviceToken));
  const tokens = new Tokens([serviceAccount, ...accounts], now);
  const application = new Application(options.application ?? {}, { accountOf, now });
  const record = new RequestRecord();
  const reporter = new Reporter();
  const faults = new FaultSchedule(clock, createRandom(options.seed ?? 1));
  const endings = new Set<() => Promise<void>>();
  const onHeld = () => {
    reporter.held(realtime.heldPolls);
    record.notice();
  };
  const realtime = new Realtime({ clock, maxRetries, reconnectAfter, onHeld });
  const realtimeServers: Listening[] = [];
  const halt = Promise.withResolvers<never>();
  halt.promise.catch(() => {});
  let { intercept } = options;
  let stopped: Promise<void> | undefined;

  const surroundings = {
    ...{ clock, record, reporter, faults },
    intercept: (request: SimulatorRequest) => intercept?.(request),
    control: (request: Parameters<Control>[0]) => control(request),
    elsewhere: () => elsewhere.url,
  };
  const elsewhere = await listen(notBox, 0, surroundings);
  for (let server = 0; server < (options.realtimeServers ?? 2); server += 1) {
    realtimeServers.push(await listen(realtime.host(server), 0, surroundings));
  }
  // Last, so that it finds the others there; and its port is the one that may be taken.
  const api = await listen(
    createApi({
      ...{ accounts, serviceAccount, tokens, application, openChannels },
      ...{ maxRetries, retryTimeout, positionType, now },
      expiresIn: options.expiresIn ?? 3_600,
    }),
    options.port ?? 0,
    surroundings,
  ).catch(async (error: unknown) => {
    await Promise.all([elsewhere, ...realtimeServers].map((server) => server.close()));
    throw error;
  });
  const { url } = api;

  function openChannels(account: Account, streamType: StreamType): string[] {
    return realtimeServers.map((server) => {
      const channel = realtime.openChannel(account, streamType);
      return `${server.url}/subscribe?channel=${channel}&stream_type=${streamType}`;
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
    reporter.published();
    record.notice();
    return completed;
  }

  function setFault(given: Fault): () => Promise<void> {
    const fault = checkFault(given);
    if (isOutage(fault)) reporter.met(fault.what);
    const endOutage = isOutage(fault)
      ? beginOutage(fault, { clock, api, realtime: realtimeServers })
      : undefined;
    const lift = faults.set(fault);
    const end = async () => {
      if (!endings.delete(end)) return;
      lift();
      await endOutage?.();
    };
    endings.add(end);
    return end;
  }

  async function clearFaults(): Promise<void> {
    await Promise.all([...endings].map((end) => end()));
  }

  async function stop(): Promise<void> {
    await clearFaults();
    clock.stop();
    halt.reject(new Error('The simulator was stopped.'));
    realtime.clear();
    await Promise.all([elsewhere, api, ...realtimeServers].map((server) => server.close()));
    record.close();
  }

  const simulator: Simulator = {
    url,
    apiUrl: `${url}/2.0`,
    users,
    token: users[0]?.token ?? '',
    serviceToken,
    tokenUrl: `${url}/oauth2/token`,
    application,
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
    setFault,
    clearFaults,
    play: (scenario) => playScenario(scenario, { clock, setFault, publish, accountOf, halted: halt.promise }),
    get report() {
      return structuredClone(reporter.report);
    },
    resetReport: () => reporter.reset(),
    issueToken: (userId) => tokens.issue(accountOf(userId)) ?? '',
    startTraffic: (traffic = {}) => startTraffic(traffic, { users, clock, publish }),
    eventsOf: (userId) => accountOf(userId).log.entries.map(({ json }) => JSON.parse(json)),
    positionOf: (userId) => String(accountOf(userId).log.position),
    until: (condition) => record.until(condition),
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => (stopped ??= stop()),
  };
  const control = createControl(simulator);
  return simulator;
}

/** Whom the service token stands for when it acts for nobody else. */
function serviceUser(token: string): SimulatorUser {
  const id = '20000000001';
  return { id, name: 'Service Account', login: `AutomationUser_${id}@boxdevedition.com`, token };
}

/** A host that is not Box's: whatever it is asked, it has seen it. */
const notBox: Host = {
  name: 'elsewhere',
  keepAlive: true,
  identify: () => ({ kind: 'other', userId: undefined }),
  answer: () => ({ status: 200, body: {} }),
};
