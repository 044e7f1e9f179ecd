import { assign, enqueueActions, fromPromise, raise, setup, stateIn } from 'xstate';
import { backoffDelay } from './backoff.ts';
import { BoxError, isTransient } from './box-error.ts';
import type { BoxEvent } from './box-event.ts';
import { type EventsAnswer, type Page, readPage, withRecent } from './page.ts';
import { clampRetryTimeout, currentServer, type RealtimeServer } from './realtime-server.ts';
import { type CheckedInput, checkInput, type StreamInput, type StreamType } from './stream-input.ts';

/*
 * The chart of Box's event stream: where the stream stands, what is asked next, what is done about failures, and when a position
 * counts as committed. How Box is asked is left to the actors, which are provided: `createServices()` has them over HTTP.
 */

/** What the chart remembers: plain JSON, so that any snapshot can be kept. */
export interface BoxEventsContext extends CheckedInput {
  /** The realtime servers to choose from. Their URLs hold a key: show them to nobody. */
  readonly servers: readonly RealtimeServer[];
  /** Which of the servers is used, modulo their number; every failure or silence of one moves on. */
  readonly serverIndex: number;
  /** Long polls made since the servers were asked for. */
  readonly polls: number;
  /** Nothing can have happened since the last page that we would not be told. */
  readonly caughtUp: boolean;
  /** The fetch under way was prompted by `newChange`. */
  readonly prompted: boolean;
  /** The page being delivered. */
  readonly page: Page | null;
  /** What Box answered about the page after it, which was fetched ahead. */
  readonly nextPage: EventsAnswer | null;
  /** Back-offs in a row. */
  readonly attempt: number;
  /** Answers to long polls, in a row, that brought no news. */
  readonly fruitless: number;
  /** The back-off that is due, in milliseconds; 0 when none is. */
  readonly delay: number;
}

/** What the realtime server answers to a long poll. */
export type RealtimeAnswer = { type: 'newChange' } | { type: 'reconnect' } | { type: 'maxRetries' };

/** What an application may send: `pause` and `stop` abort the request in flight, but wait for a delivery. */
export type BoxEventsCommand = { type: 'pause' } | { type: 'resume' } | { type: 'stop' };

/** What the chart emits, for `actor.on()`. */
export type BoxEventsEmitted =
  /** An event, before it is delivered. */
  | { type: 'event'; event: BoxEvent }
  /** The stream's new position: everything before it has been delivered. */
  | { type: 'position'; streamPosition: string }
  /**
   * A failure that may pass: the stream goes on after `delay` milliseconds, which begin once the page in hand is handled, if there
   * is one. `attempt` counts from 1.
   */
  | { type: 'retry'; error: BoxError; attempt: number; delay: number };

/** What a stream that was stopped leaves behind. */
export interface BoxEventsOutput {
  /** Where to resume. */
  readonly streamPosition: string;
}

/** Whom `fetchServers` asks for. */
export interface ServersInput {
  /** The `userId` of the stream's input. */
  readonly userId: string | undefined;
  /** The `streamType` of the stream's input. */
  readonly streamType: StreamType;
}

/** Where `longPoll` waits, and since when. */
export interface LongPollInput {
  /** The URL of a realtime server, as Box gave it. The channel in it is a key. */
  readonly url: string;
  /** The position since which a change is news, a decimal string. */
  readonly streamPosition: string;
}

/** Whose events `fetchEvents` fetches, and since when. */
export interface EventsInput extends ServersInput {
  /** The position after which to fetch: a decimal string, or `now`. */
  readonly streamPosition: string;
}

/** A page to be handled, and the position to save once it is. `events` is empty when the position alone moved. */
export interface Delivery {
  /** The events that were not delivered before, in Box's order. */
  readonly events: readonly BoxEvent[];
  /** Where to resume once they are handled, a decimal string. */
  readonly streamPosition: string;
  /** The `userId` of the stream's input. */
  readonly userId: string | undefined;
}

const settledAfter = 2_000;
const fruitlessAnswersAllowed = 2;

const notProvided = (name: string) => async (): Promise<never> => {
  throw new Error(
    `boxEventsMachine has no implementation of '${name}': provide one with boxEventsMachine.provide({ actors: createServices({ token }) }).`,
  );
};

/**
 * The statechart of one stream. Provide its actors once for an application, and start one actor for each stream:
 *
 * ```ts
 * const machine = boxEventsMachine.provide({ actors: createServices({ token }) });
 * const actor = createActor(machine, { input: { streamPosition: 'now' } });
 * ```
 *
 * `deliver` may be provided, too: the position is committed once it has resolved; its rejection ends the stream. An error that may not
 * pass becomes the actor's error. Its output, once it is stopped, is where to resume.
 */
export const boxEventsMachine = setup({
  types: {
    context: {} as BoxEventsContext,
    input: {} as StreamInput | undefined,
    events: {} as BoxEventsCommand | RealtimeAnswer,
    emitted: {} as BoxEventsEmitted,
    output: {} as BoxEventsOutput,
  },
  actors: {
    fetchServers: fromPromise<readonly RealtimeServer[], ServersInput>(notProvided('fetchServers')),
    longPoll: fromPromise<RealtimeAnswer, LongPollInput>(notProvided('longPoll')),
    fetchEvents: fromPromise<EventsAnswer, EventsInput>(notProvided('fetchEvents')),
    deliver: fromPromise<void, Delivery>(async () => {}),
  },
  actions: {
    takeServers: assign((_, servers: readonly RealtimeServer[]) => ({ servers, polls: 0 })),
    countPoll: assign(({ context }) => ({ polls: context.polls + 1, caughtUp: false, prompted: false })),
    raiseAnswer: raise((_, answer: RealtimeAnswer) => answer),
    notePrompt: assign({ prompted: true }),
    countFruitless: assign(({ context }) => ({ fruitless: context.fruitless + 1 })),
    moveToNextServer: assign(({ context }) => ({ serverIndex: context.serverIndex + 1 })),
    takePage: assign(({ context }, answer: EventsAnswer) => taken(context, answer)),
    keepNextPage: assign((_, nextPage: EventsAnswer) => ({ nextPage })),
    takeNextPage: assign(({ context }) => (context.nextPage ? taken(context, context.nextPage) : {})),
    dropNextPage: assign({ nextPage: null }),
    emitEvents: enqueueActions(({ context, enqueue }) => {
      for (const event of context.page?.events ?? []) enqueue.emit({ type: 'event', event });
    }),
    emitPosition: enqueueActions(({ context, enqueue }) => {
      if (!context.page || context.page.streamPosition === context.streamPosition) return;
      enqueue.emit({ type: 'position', streamPosition: context.page.streamPosition });
    }),
    commitPage: assign(({ context }) => committed(context)),
    forgetFailures: assign({ attempt: 0, fruitless: 0 }),
    planBackoff: enqueueActions(({ context, enqueue }, error: unknown) => {
      if (!isTransient(error)) return;
      const attempt = context.attempt + 1;
      const delay = backoffDelay(attempt, error.retryAfter);
      enqueue.assign({ attempt, delay });
      enqueue.emit({ type: 'retry', error, attempt, delay });
    }),
    endBackoff: assign({ delay: 0, prompted: false }),
    expectNews: assign({ caughtUp: false, prompted: false }),
  },
  guards: {
    isTransient: (_, error: unknown) => isTransient(error),
    isCaughtUp: ({ context }) => context.caughtUp,
    isPageInHand: ({ context }) => context.page !== null,
    hasPollsLeft: ({ context }) => context.polls <= serverOf(context).maxRetries,
    isFruitlessAgain: ({ context }) => context.fruitless >= fruitlessAnswersAllowed,
    isPageFullOfNews: ({ context: { page } }) => page?.isFull === true && page.hasNews,
    isPausing: stateIn({ delivering: { page: 'pausing' } }),
    isStopping: stateIn({ delivering: { page: 'stopping' } }),
    isNextPageHere: ({ context }) => context.nextPage !== null,
    isMoreWaiting: ({ context }) => !context.caughtUp,
    isBackoffDue: ({ context }) => context.delay > 0,
  },
  delays: {
    settled: settledAfter,
    retryTimeout: ({ context }) => clampRetryTimeout(serverOf(context).retryTimeout),
    backoff: ({ context }) => context.delay,
  },
}).createMachine({
  id: 'boxEvents',
  description: 'Follows what happens in a Box account, live, without losing an event.',
  context: ({ input }) => ({
    ...checkInput(input),
    servers: [],
    serverIndex: 0,
    polls: 0,
    caughtUp: false,
    prompted: false,
    page: null,
    nextPage: null,
    attempt: 0,
    fruitless: 0,
    delay: 0,
  }),
  output: ({ context }) => ({ streamPosition: context.streamPosition }),
  initial: 'fetchingServers',
  on: {
    pause: { target: '.paused', description: 'Aborts the request in flight.' },
    stop: { target: '.stopped', description: 'Aborts the request in flight.' },
  },
  states: {
    fetchingServers: {
      description: 'Asks Box which realtime servers announce changes.',
      invoke: {
        id: 'fetchServers',
        src: 'fetchServers',
        input: serversInput,
        onDone: [
          {
            guard: 'isCaughtUp',
            target: 'polling',
            actions: { type: 'takeServers', params: output },
            description: 'Only the channel was used up: there is nothing to catch up on.',
          },
          {
            target: 'fetchingEvents',
            actions: { type: 'takeServers', params: output },
            description: 'Something may have happened meanwhile.',
          },
        ],
        onError: {
          guard: { type: 'isTransient', params: failure },
          target: 'backingOff',
          actions: { type: 'planBackoff', params: failure },
          description: 'Box cannot say for now.',
        },
      },
    },
    polling: {
      description: 'Waits at a realtime server until something changes.',
      entry: 'countPoll',
      invoke: {
        id: 'longPoll',
        src: 'longPoll',
        input: longPollInput,
        onDone: {
          actions: { type: 'raiseAnswer', params: output },
          description: 'The answer becomes an event of its own.',
        },
        onError: {
          guard: { type: 'isTransient', params: failure },
          target: 'backingOff',
          actions: ['moveToNextServer', { type: 'planBackoff', params: failure }],
          description: 'This realtime server failed: the next one gets its turn.',
        },
      },
      on: {
        newChange: {
          target: 'fetchingEvents',
          actions: 'notePrompt',
          description: 'Something changed in the account.',
        },
        reconnect: [
          {
            guard: 'isFruitlessAgain',
            target: 'backingOff',
            actions: { type: 'planBackoff', params: fruitlessness },
            description: 'The server says so again and again.',
          },
          {
            target: 'fetchingServers',
            actions: 'countFruitless',
            description: 'Nothing happened for a while: ask for servers again.',
          },
        ],
        maxRetries: [
          {
            guard: 'isFruitlessAgain',
            target: 'backingOff',
            actions: { type: 'planBackoff', params: fruitlessness },
            description: 'The server says so again and again.',
          },
          {
            target: 'fetchingServers',
            actions: 'countFruitless',
            description: 'The channel is used up: ask for another.',
          },
        ],
      },
      after: {
        settled: {
          actions: 'forgetFailures',
          description: 'The poll is held: all is well again.',
        },
        retryTimeout: {
          target: 'fetchingEvents',
          actions: 'moveToNextServer',
          description: 'No answer in time: the connection may be dead.',
        },
      },
    },
    fetchingEvents: {
      description: 'Fetches what happened since the last committed position.',
      invoke: {
        id: 'fetchEvents',
        src: 'fetchEvents',
        input: eventsInput,
        onDone: {
          target: 'delivering',
          actions: [{ type: 'takePage', params: output }, 'emitEvents'],
          description: 'A page arrived; what was delivered before is dropped.',
        },
        onError: {
          guard: { type: 'isTransient', params: failure },
          target: 'backingOff',
          actions: { type: 'planBackoff', params: failure },
          description: 'Box cannot answer for now.',
        },
      },
    },
    delivering: {
      type: 'parallel',
      description: 'Hands a page over and waits. If it was full of news, the next one is fetched meanwhile.',
      states: {
        page: {
          description: 'The page in hand: only when it is handled is the position committed.',
          invoke: {
            id: 'deliver',
            src: 'deliver',
            input: delivery,
            onDone: [
              {
                guard: 'isStopping',
                target: '#boxEvents.stopped',
                actions: ['emitPosition', 'commitPage'],
                description: 'It was to stop after this delivery.',
              },
              {
                guard: 'isPausing',
                target: '#boxEvents.paused',
                actions: ['emitPosition', { type: 'planBackoff', params: fruitlessPage }, 'commitPage'],
                description: 'It was to pause after this delivery.',
              },
              {
                target: '.handled',
                actions: ['emitPosition', { type: 'planBackoff', params: fruitlessPage }, 'commitPage'],
                description:
                  'The position moves on. Pages without news, again and again, call for a back-off.',
              },
            ],
          },
          initial: 'open',
          states: {
            open: {
              description: 'Nothing was asked meanwhile.',
              on: {
                pause: { target: 'pausing', description: 'The delivery is waited for.' },
                stop: { target: 'stopping', description: 'The delivery is waited for.' },
              },
            },
            pausing: {
              description: 'Pauses as soon as the page is handled.',
              on: {
                pause: { description: 'Asked already.' },
                resume: { target: 'open', description: 'Takes the pause back.' },
                stop: { target: 'stopping', description: 'Stopping wins.' },
              },
            },
            stopping: {
              description: 'Stops as soon as the page is handled.',
              on: {
                pause: { description: 'Stopping wins.' },
                stop: { description: 'Asked already.' },
              },
            },
            handled: { type: 'final', description: 'The position is committed.' },
          },
        },
        nextPage: {
          description: 'The page after it: one is fetched ahead, no more.',
          on: {
            pause: {
              guard: 'isPageInHand',
              target: '.settled',
              actions: 'dropNextPage',
              description: 'Aborts the request in flight.',
            },
            stop: {
              guard: 'isPageInHand',
              target: '.settled',
              actions: 'dropNextPage',
              description: 'Aborts the request in flight.',
            },
          },
          initial: 'choosing',
          states: {
            choosing: {
              description: 'Is more waiting?',
              always: [
                {
                  guard: 'isPageFullOfNews',
                  target: 'fetching',
                  description: 'The page was full: more may be waiting.',
                },
                { target: 'settled', description: 'Nothing is known to wait.' },
              ],
            },
            fetching: {
              description: 'Fetches what happened since the page in hand.',
              invoke: {
                id: 'fetchNextPage',
                src: 'fetchEvents',
                input: nextEventsInput,
                onDone: {
                  target: 'settled',
                  actions: { type: 'keepNextPage', params: output },
                  description: 'It is taken once the page in hand is handled.',
                },
                onError: {
                  target: 'settled',
                  actions: { type: 'planBackoff', params: failure },
                  description: 'The delivery goes on. What will not pass is asked for again after it.',
                },
              },
            },
            settled: { type: 'final', description: 'Nothing is being fetched.' },
          },
        },
      },
      onDone: [
        {
          guard: 'isBackoffDue',
          target: 'backingOff',
          description: 'Pages without news came again and again, or Box cannot give the next one for now.',
        },
        {
          guard: 'isNextPageHere',
          target: 'delivering',
          reenter: true,
          actions: ['takeNextPage', 'emitEvents'],
          description: 'The next page was fetched meanwhile.',
        },
        {
          guard: 'isMoreWaiting',
          target: 'fetchingEvents',
          description: 'The page was full: more may be waiting.',
        },
        { guard: 'hasPollsLeft', target: 'polling', description: 'Caught up: wait for the next change.' },
        {
          target: 'fetchingServers',
          description: 'Caught up, and the channel is used up: ask for another.',
        },
      ],
    },
    backingOff: {
      description: 'Waits before asking again, longer each time, and as long as the server says.',
      after: {
        backoff: {
          target: 'fetchingServers',
          actions: 'endBackoff',
          description: 'The wait is over.',
        },
      },
    },
    paused: {
      description: 'Asks nothing until it is resumed.',
      on: {
        pause: { description: 'Paused already.' },
        resume: [
          {
            guard: 'isBackoffDue',
            target: 'backingOff',
            description: 'A pause does not shorten a back-off.',
          },
          {
            target: 'fetchingServers',
            actions: 'expectNews',
            description: 'Goes on where it was.',
          },
        ],
      },
    },
    stopped: {
      type: 'final',
      description: 'The stream has ended; its output says where to resume.',
    },
  },
});

function output<T>({ event }: { event: { output: T } }): T {
  return event.output;
}

function failure({ event }: { event: { error: unknown } }): unknown {
  return event.error;
}

// A server that answers at once and brings nothing is a failure too, though each of its answers is in order.
function fruitlessness(): BoxError {
  return new BoxError(
    'Box announced changes or asked to reconnect several times in a row, and there was nothing new: asking more slowly.',
    { request: 'poll', transient: true },
  );
}

interface Scope {
  readonly context: BoxEventsContext;
}

function fruitlessPage({ context }: Scope): BoxError | undefined {
  const isAgain = isPageFruitless(context) && context.fruitless >= fruitlessAnswersAllowed;
  return isAgain ? fruitlessness() : undefined;
}

function serversInput({ context }: Scope): ServersInput {
  return { userId: context.userId, streamType: context.streamType };
}

function longPollInput({ context }: Scope): LongPollInput {
  return { url: serverOf(context).url, streamPosition: context.streamPosition };
}

function eventsInput({ context }: Scope): EventsInput {
  return { ...serversInput({ context }), streamPosition: context.streamPosition };
}

function nextEventsInput({ context }: Scope): EventsInput {
  return { ...serversInput({ context }), streamPosition: pageOf(context).streamPosition };
}

function delivery({ context }: Scope): Delivery {
  const { events, streamPosition } = pageOf(context);
  return { events, streamPosition, userId: context.userId };
}

function serverOf({ servers, serverIndex }: BoxEventsContext): RealtimeServer {
  return currentServer(servers, serverIndex);
}

function pageOf({ page }: BoxEventsContext): Page {
  if (!page) throw new Error('Delivering without a page.');
  return page;
}

function isPageFruitless({ page, prompted }: BoxEventsContext): boolean {
  return page !== null && !page.hasNews && (page.isFull || prompted);
}

// News makes up for earlier failures as soon as it is taken: while it is delivered, the page after it may fail anew.
function taken(context: BoxEventsContext, answer: EventsAnswer): Partial<BoxEventsContext> {
  const page = readPage(answer, context.streamPosition, context.recent);
  const isProgress = page.hasNews && (page.isFull || context.prompted);
  return { page, nextPage: null, ...(isProgress && { attempt: 0, fruitless: 0 }) };
}

/** Position and recent ids move together, and only once the page is handled. */
function committed(context: BoxEventsContext): Partial<BoxEventsContext> {
  const page = pageOf(context);
  return {
    streamPosition: page.streamPosition,
    recent: withRecent(context.recent, page.events, context.recentSize),
    caughtUp: !page.isFull,
    prompted: false,
    page: null,
    ...(isPageFruitless(context) && { fruitless: context.fruitless + 1 }),
  };
}
