import { assign, setup } from 'xstate';

/*
 * What Box sees of a client that keeps to its protocol: which request comes next, whatever Box answers. Written from Box's
 * documentation of its events, and without a look at the chart, so that the two can contradict each other.
 */

/** How many events a page has at most, and how often a channel may be polled again. */
export const limit = 2;
export const maxRetries = 1;
/** How many answers long the paths are that are tried. */
export const longestPath = 8;

interface Context {
  /** Events that Box holds and the client has not fetched. */
  waiting: number;
  /** Events that the client has. */
  delivered: number;
  /** Polls of the present channel. */
  polls: number;
  /** Answers in a row that brought nothing. */
  fruitless: number;
  /** The page was asked for because of `new_change`. */
  prompted: boolean;
  /** Nothing was missed since the last page. */
  caughtUp: boolean;
  steps: number;
}

type Name =
  | 'serversOk'
  | 'servers503'
  | 'page'
  | 'events503'
  | 'change'
  | 'burst'
  | 'falseAlarm'
  | 'reconnect'
  | 'maxRetries'
  | 'poll503'
  | 'silence'
  | 'backoffEnds';

const step = ({ steps }: Context) => ({ steps: steps + 1 });
const isFull = ({ waiting }: Context) => waiting >= limit;
/** What a page does to the count of fruitless answers. */
const fruitlessAfterPage = ({ waiting, prompted, fruitless }: Context) => {
  if (waiting > 0) return prompted || waiting >= limit ? 0 : fruitless;
  return prompted ? fruitless + 1 : fruitless;
};
export const environmentMachine = setup({
  types: { context: {} as Context, events: {} as { type: Name } },
  actions: {
    publishes: assign(({ context }, { count }: { count: number }) => ({
      ...step(context),
      waiting: context.waiting + count,
      prompted: true,
    })),
    takesPage: assign(({ context }) => ({
      ...step(context),
      waiting: Math.max(0, context.waiting - limit),
      delivered: context.delivered + Math.min(context.waiting, limit),
      fruitless: fruitlessAfterPage(context),
      prompted: false,
      caughtUp: !isFull(context),
    })),
    takesServers: assign(({ context }) => ({ ...step(context), polls: 0 })),
    polls: assign(({ context }) => ({ polls: context.polls + 1, caughtUp: false, prompted: false })),
    fails: assign(({ context }) => ({ ...step(context), prompted: false })),
    asksAgain: assign(({ context }) => ({ ...step(context), fruitless: context.fruitless + 1 })),
    settles: assign(({ context }) => ({ ...step(context), fruitless: 0 })),
    goesOn: assign(({ context }) => step(context)),
  },
  guards: {
    isCaughtUp: ({ context }) => context.caughtUp,
    isFull: ({ context }) => isFull(context),
    isTooFruitlessPage: ({ context }) => context.prompted && context.waiting === 0 && context.fruitless >= 2,
    isTooFruitless: ({ context }) => context.fruitless >= 2,
    isUsedUp: ({ context }) => context.polls > maxRetries,
  },
}).createMachine({
  context: { waiting: 0, delivered: 0, polls: 0, fruitless: 0, prompted: false, caughtUp: false, steps: 0 },
  initial: 'asksServers',
  states: {
    asksServers: {
      on: {
        serversOk: [
          {
            guard: 'isCaughtUp',
            target: 'polls',
            actions: 'takesServers',
          },
          {
            target: 'asksEvents',
            actions: 'takesServers',
          },
        ],
        servers503: { target: 'waits', actions: 'fails' },
      },
    },
    asksEvents: {
      on: {
        page: [
          { guard: 'isTooFruitlessPage', target: 'waits', actions: 'takesPage' },
          { guard: 'isFull', target: 'asksEvents', reenter: true, actions: 'takesPage' },
          { guard: 'isUsedUp', target: 'asksServers', actions: 'takesPage' },
          { target: 'polls', actions: 'takesPage' },
        ],
        events503: { target: 'waits', actions: 'fails' },
      },
    },
    polls: {
      entry: 'polls',
      on: {
        change: {
          target: 'asksEvents',
          actions: { type: 'publishes', params: { count: 1 } },
        },
        burst: {
          target: 'asksEvents',
          actions: { type: 'publishes', params: { count: 3 } },
        },
        falseAlarm: {
          target: 'asksEvents',
          actions: { type: 'publishes', params: { count: 0 } },
        },
        reconnect: [
          { guard: 'isTooFruitless', target: 'waits', actions: 'asksAgain' },
          { target: 'asksServers', actions: 'asksAgain' },
        ],
        maxRetries: [
          { guard: 'isTooFruitless', target: 'waits', actions: 'asksAgain' },
          { target: 'asksServers', actions: 'asksAgain' },
        ],
        poll503: { target: 'waits', actions: 'fails' },
        silence: {
          target: 'asksEvents',
          actions: 'settles',
        },
      },
    },
    waits: { on: { backoffEnds: { target: 'asksServers', actions: 'goesOn' } } },
  },
});
