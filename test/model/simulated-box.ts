import { SimulatedClock } from 'xstate';
import { createServices } from '../../src/services.ts';
import { createSimulator, type Fault, type SimulatorRequest } from '../../src/simulator/index.ts';
import { createFetch } from '../../src/transport/node.ts';
import { busyFor, type Kind, limit, type Trouble, type World } from './world.ts';

const fetch = createFetch();

const faults: Record<Exclude<Trouble, 'busy'>, Omit<Fault, 'on' | 'nth'>> = {
  failure: { what: 'reset' },
  silence: { what: 'silence' },
  newChange: { what: 'newChange' },
  reconnect: { what: 'reconnect' },
  maxRetries: { what: 'maxRetries' },
  repeatTail: { what: 'repeatTail', count: 2 },
  onlyOld: { what: 'duplicatesOnly', count: 2 },
  empty: { what: 'emptyPage' },
  short: { what: 'shortPage', count: 1 },
};

// Some servers repeat the request.
const isBusy = (request: string): Omit<Fault, 'on' | 'nth'> => ({
  ...{ what: 'status', status: 429, retryAfter: busyFor },
  body: JSON.stringify({ code: request, message: request }),
});

/** The simulator with the real services, as a world for timelines. */
export async function createSimulatedBox(): Promise<World> {
  const clock = new SimulatedClock();
  const box = await createSimulator({ clock, maxRetries: 3, retryTimeout: 60, reconnectAfter: 50_000 });
  const ids: string[] = [];
  const positions = new Map([[box.positionOf(), 0]]);
  const expected: Record<Kind, Trouble[]> = { servers: [], poll: [], events: [] };
  box.intercept = async ({ kind, headers, url }) => {
    const trouble =
      kind === 'servers' || kind === 'poll' || kind === 'events' ? expected[kind].shift() : undefined;
    await box.clearFaults();
    if (trouble)
      box.setFault({
        ...(trouble === 'busy' ? isBusy(`${headers.authorization} ${url}`) : faults[trouble]),
        nth: 1,
      });
    return undefined;
  };
  const isOpen = ({ over }: SimulatorRequest) => !over;
  const isWaiting = ({ status, over }: SimulatorRequest) => status === undefined && !over;

  return {
    clock,
    ids,
    get keys() {
      return [box.token, ...box.requests.flatMap(({ url }) => /channel=(\w+)/.exec(url)?.[1] ?? [])];
    },
    services: createServices({ token: box.token, apiUrl: box.apiUrl, limit, fetch }),
    get requests() {
      return box.requests;
    },
    get early() {
      return box.report.earlyRetries;
    },
    publish: (count) => {
      for (let index = 0; index < count; index++) {
        ids.push(String(box.publish({ source: null }).event_id));
        positions.set(box.positionOf(), ids.length);
      }
    },
    trouble: (kind, troubles) => expected[kind].push(...troubles),
    endTroubles: () => {
      for (const troubles of Object.values(expected)) troubles.length = 0;
    },
    countUpTo: (streamPosition) => positions.get(streamPosition) ?? Number.NaN,
    forgive: () => box.resetReport(),
    rests: async (actor) => {
      const isAtRest = () => {
        const snapshot = actor.getSnapshot();
        const open = box.requests.filter(isOpen);
        if (snapshot.matches('fetchingServers') || snapshot.matches('fetchingEvents')) return false;
        // A consumer that fails ends all at once.
        const isAhead = snapshot.matches({ delivering: { nextPage: 'fetching' } });
        if (isAhead && snapshot.status === 'active') return false;
        return snapshot.matches('polling') ? open.length === 1 && open.every(isWaiting) : open.length === 0;
      };
      do {
        const moved = Promise.withResolvers<void>();
        const subscription = actor.subscribe({ next: () => moved.resolve(), error: () => moved.resolve() });
        if (!isAtRest()) await Promise.race([moved.promise, box.until(isAtRest)]);
        subscription.unsubscribe();
        // A consumer that is done lets the stream go on.
        await new Promise((resolve) => setImmediate(resolve));
      } while (!isAtRest());
    },
    stop: () => box.stop(),
  };
}
