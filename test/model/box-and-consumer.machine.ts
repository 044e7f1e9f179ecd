import { assign, setup } from 'xstate';

/*
 * What anybody can see of a client that keeps to Box's protocol, and to what we decided where Box leaves it open (when to back off, and
 * what counts as news). It imports nothing of the chart, so that the two can contradict each other. Its events are what Box answers, what
 * the consumer does with a page, what an operator orders and what the clock does; its context is all that a user and Box see. Positions
 * are counts of events.
 */

/** How many events a page has at most, how often a channel may be polled again, and how many realtime servers there are. */
export const wire = { limit: 2, maxRetries: 1, realtimeServers: 2 };
/** How long Box asks to stay away, in seconds. */
export const retryAfter = 40;

/** What is to be seen. */
export interface Seen {
  /** How many events Box holds. */
  readonly published: number;
  /** The committed position. */
  readonly position: number | 'now';
  /** The page that the consumer has. */
  readonly page: SeenPage | null;
  /** The page after it: asked for meanwhile, or here. */
  readonly next: SeenPage | 'asked' | null;
  /** Every request that has reached Box, in order. */
  readonly requests: readonly string[];
  /** How many back-offs were told. */
  readonly retries: number;
  /** Back-offs in a row, and whether Box has said how long the present one is at least. */
  readonly attempt: number;
  readonly isAsked: boolean;
  /** A back-off is due, or under way. */
  readonly isDue: boolean;
  /** Polls of the present channel. */
  readonly polls: number;
  /** Which realtime server is polled, modulo their number. */
  readonly server: number;
  /** Nothing can have been missed since the last page. */
  readonly caughtUp: boolean;
  /** The page was asked for because of `new_change`. */
  readonly prompted: boolean;
  /** Answers to polls, in a row, that brought nothing. */
  readonly fruitless: number;
}

/** A page of events, and where it leads to. */
export interface SeenPage {
  readonly to: number;
  readonly isFull: boolean;
  readonly hasNews: boolean;
}

const fresh = { attempt: 0, isAsked: false, isDue: false, polls: 0, server: 0, page: null, next: null };
const nothing = { caughtUp: false, prompted: false, fruitless: 0 };
export const atFirst: Seen = {
  ...{ published: 0, position: 'now', requests: ['servers'], retries: 0 },
  ...fresh,
  ...nothing,
};

type See = (seen: Seen) => Partial<Seen>;
const see = (...changes: See[]) =>
  assign<Seen, { type: EventName }, undefined, { type: EventName }, never>(({ context }) => {
    let seen = context;
    for (const change of changes) seen = { ...seen, ...change(seen) };
    return seen;
  });

const asks =
  (request: (seen: Seen) => string): See =>
  (seen) => ({ requests: [...seen.requests, request(seen)] });
const asksServers = asks(() => 'servers');
const asksEvents = asks(({ position, page }) => `events from ${page?.to ?? position}`);
const asksPoll: See = (seen) => ({
  ...asks(({ server, position }) => `poll ${server % wire.realtimeServers} from ${position}`)(seen),
  ...{ polls: seen.polls + 1, caughtUp: false, prompted: false },
});
const publishes =
  (count: number): See =>
  ({ published }) => ({ published: published + count });
const isPrompted: See = () => ({ prompted: true });
const isSettled: See = () => ({ attempt: 0, fruitless: 0 });
const turnsAway: See = ({ server }) => ({ server: server + 1 });
const isFruitless: See = ({ fruitless }) => ({ fruitless: fruitless + 1 });
const backsOff: See = ({ attempt, retries }) => ({
  ...{ retries: retries + 1, attempt: attempt + 1, isDue: true, isAsked: false, prompted: false },
});
const isAskedToStayAway: See = () => ({ isAsked: true });
const goesOn: See = () => ({ isDue: false, isAsked: false });
const suspects: See = () => ({ caughtUp: false, prompted: false });
const startsAnew: See = () => ({ ...fresh, ...nothing });

const answers =
  (repeated: number): See =>
  ({ position, page, published }) => {
    const from = page?.to ?? position;
    if (from === 'now') return { next: { to: published, isFull: false, hasNews: false } };
    const to = Math.min(from + wire.limit, published);
    const length = to - from + Math.min(repeated, from);
    return { next: { to, isFull: length >= wire.limit && to > from, hasNews: to > from } };
  };

/** The consumer gets the page that is here, and the one after it is asked for if it was full of news. */
const handsOver: See = (seen) => {
  const { next: page, prompted } = seen;
  if (page === null || page === 'asked') return {};
  const taken = {
    ...seen,
    page,
    next: null,
    ...(page.hasNews && (page.isFull || prompted) && isSettled(seen)),
  };
  return page.isFull && page.hasNews ? { ...taken, ...asksEvents(taken), next: 'asked' } : taken;
};
const givesUpNext: See = () => ({ next: null });

/** A page without news that was announced, or that was full of what is known. */
const isPageFruitless = ({ page, prompted }: Seen) =>
  page !== null && !page.hasNews && (page.isFull || prompted);
const commits: See = (seen) => {
  const { page, fruitless } = seen;
  if (!page) return {};
  return {
    ...{ position: page.to, page: null, prompted: false, caughtUp: !page.isFull },
    ...(isPageFruitless(seen) && { fruitless: fruitless + 1 }),
  };
};

/** Everything that can happen. */
export const eventNames = [
  ...['serversOk', 'serversFail', 'serversAskToWait', 'serversRefuse'],
  ...['page', 'pageRepeats', 'eventsFail', 'eventsAskToWait', 'eventsRefuse'],
  ...['change', 'burst', 'falseAlarm', 'reconnect', 'maxRetries', 'pollFails', 'silence', 'held'],
  ...['handled', 'throws', 'backoffEnds', 'pause', 'resume', 'stop', 'crash'],
] as const;
export type EventName = (typeof eventNames)[number];

const isTwice = ({ context }: { context: Seen }) => context.fruitless >= 2;
const orders = {
  pause: { target: 'paused', actions: see(givesUpNext) },
  stop: { target: 'stopped', actions: see(givesUpNext) },
  crash: { target: 'asking', actions: see(startsAnew, asksServers) },
} as const;
const failsFor = (...changes: See[]) => ({ target: 'waiting', actions: see(...changes, backsOff) }) as const;
const asksToWait = { target: 'waiting', actions: see(backsOff, isAskedToStayAway) } as const;
const isOver = [
  { guard: 'isTwice', target: 'waiting', actions: see(isFruitless, backsOff) },
  { target: 'asking', actions: see(isFruitless, asksServers) },
] as const;

export const boxAndConsumerMachine = setup({
  types: { context: {} as Seen, events: {} as { type: EventName } },
  guards: {
    isCaughtUp: ({ context }) => context.caughtUp,
    isFull: ({ context }) => context.page?.isFull === true,
    isNextAsked: ({ context }) => context.next === 'asked',
    isNextHere: ({ context }) => context.next !== null && context.next !== 'asked',
    isUsedUp: ({ context }) => context.polls > wire.maxRetries,
    isTwice,
    isPageTwice: (scope) => isPageFruitless(scope.context) && isTwice(scope),
    isDue: ({ context }) => context.isDue,
  },
}).createMachine({
  context: atFirst,
  initial: 'asking',
  states: {
    asking: {
      on: {
        ...orders,
        serversOk: [
          { guard: 'isCaughtUp', target: 'listening', actions: see(() => ({ polls: 0 }), asksPoll) },
          { target: 'fetching', actions: see(() => ({ polls: 0 }), asksEvents) },
        ],
        serversFail: failsFor(),
        serversAskToWait: asksToWait,
        serversRefuse: 'failed',
      },
    },
    fetching: {
      on: {
        ...orders,
        page: { target: 'handling', actions: see(answers(0), handsOver) },
        pageRepeats: { target: 'handling', actions: see(answers(3), handsOver) },
        eventsFail: failsFor(givesUpNext),
        eventsAskToWait: { ...asksToWait, actions: see(givesUpNext, backsOff, isAskedToStayAway) },
        eventsRefuse: [{ guard: 'isNextAsked', actions: see(givesUpNext, asksEvents) }, { target: 'failed' }],
      },
    },
    handling: {
      on: {
        page: { guard: 'isNextAsked', actions: see(answers(0)) },
        pageRepeats: { guard: 'isNextAsked', actions: see(answers(3)) },
        eventsFail: { guard: 'isNextAsked', actions: see(givesUpNext, backsOff) },
        eventsAskToWait: { guard: 'isNextAsked', actions: see(givesUpNext, backsOff, isAskedToStayAway) },
        eventsRefuse: { guard: 'isNextAsked', actions: see(givesUpNext) },
        handled: [
          { guard: 'isPageTwice', target: 'waiting', actions: see(commits, backsOff) },
          { guard: 'isDue', target: 'waiting', actions: see(commits) },
          { guard: 'isNextHere', target: 'handling', actions: see(commits, handsOver) },
          { guard: 'isNextAsked', target: 'fetching', actions: see(commits) },
          { guard: 'isFull', target: 'fetching', actions: see(commits, asksEvents) },
          { guard: 'isUsedUp', target: 'asking', actions: see(commits, asksServers) },
          { target: 'listening', actions: see(commits, asksPoll) },
        ],
        throws: 'failed',
        pause: { target: 'handlingBeforePause', actions: see(givesUpNext) },
        stop: { target: 'handlingBeforeStop', actions: see(givesUpNext) },
        crash: orders.crash,
      },
    },
    handlingBeforePause: {
      on: {
        handled: [
          { guard: 'isPageTwice', target: 'paused', actions: see(commits, backsOff) },
          { target: 'paused', actions: see(commits) },
        ],
        throws: 'failed',
        resume: 'handling',
        stop: 'handlingBeforeStop',
      },
    },
    handlingBeforeStop: { on: { handled: { target: 'stopped', actions: see(commits) }, throws: 'failed' } },
    listening: {
      on: {
        ...orders,
        change: { target: 'fetching', actions: see(publishes(1), isPrompted, asksEvents) },
        burst: { target: 'fetching', actions: see(publishes(3), isPrompted, asksEvents) },
        falseAlarm: { target: 'fetching', actions: see(isPrompted, asksEvents) },
        reconnect: isOver,
        maxRetries: isOver,
        pollFails: failsFor(turnsAway),
        silence: { target: 'fetching', actions: see(publishes(1), isSettled, turnsAway, asksEvents) },
        held: { actions: see(isSettled) },
      },
    },
    waiting: {
      on: {
        ...orders,
        backoffEnds: { target: 'asking', actions: see(goesOn, asksServers) },
      },
    },
    paused: {
      on: {
        resume: [
          { guard: 'isDue', target: 'waiting' },
          { target: 'asking', actions: see(suspects, asksServers) },
        ],
        stop: 'stopped',
        crash: orders.crash,
      },
    },
    stopped: { on: { crash: orders.crash } },
    failed: { on: { crash: orders.crash } },
  },
});
