/** An invariant of the design, broken on purpose: texts of a source file, and what stands in their place. */
export interface Break {
  readonly invariant: string;
  readonly by: string;
  readonly file: string;
  readonly edits: readonly (readonly [find: string, replace: string])[];
}

const machine = 'machines/box-events.machine.ts';

/** Each invariant, broken in one way or two. */
export const breaks: readonly Break[] = [
  {
    invariant: '(1) every event is delivered',
    by: 'handing over the first event of each page only',
    file: machine,
    edits: [
      [
        'return { events, streamPosition, userId: context.userId };',
        'return { events: events.slice(0, 1), streamPosition, userId: context.userId };',
      ],
    ],
  },
  {
    invariant: '(1) every event is delivered',
    by: 'noting ids when their page arrives',
    file: machine,
    edits: [
      [
        'return { page, nextPage: null,',
        `return { page, nextPage: null,
      recent: withRecent(context.recent, answer.events, context.recentSize),`,
      ],
    ],
  },
  {
    invariant: '(1) every event is delivered',
    by: 'taking the page ahead for the one in hand',
    file: machine,
    edits: [
      ['keepNextPage: assign((_, nextPage', 'keepNextPage: assign(({ context }, nextPage'],
      [
        '=> ({ nextPage })),',
        '=> ({ nextPage, page: readPage(nextPage, pageOf(context).streamPosition, []) })),',
      ],
    ],
  },
  {
    invariant: '(2) the position never runs ahead',
    by: 'committing it when the page arrives',
    file: machine,
    edits: [
      [
        'return { page, nextPage: null,',
        `return { page, nextPage: null,
      streamPosition: page.streamPosition,`,
      ],
    ],
  },
  {
    invariant: '(3) polling is reached again',
    by: 'a back-off without an end',
    file: machine,
    edits: [["target: 'fetchingServers',\n          actions: 'endBackoff',", "actions: 'endBackoff',"]],
  },
  {
    invariant: '(4) nothing spins',
    by: 'never finding an answer fruitless',
    file: machine,
    edits: [
      [
        'isFruitlessAgain: ({ context }) => context.fruitless >= fruitlessAnswersAllowed,',
        'isFruitlessAgain: () => false,',
      ],
    ],
  },
  {
    invariant: '(4) nothing spins',
    by: 'forgetting that the page ahead failed',
    file: machine,
    edits: [
      [
        "target: 'settled',\n                  actions: { type: 'planBackoff', params: failure },",
        "target: 'settled',",
      ],
    ],
  },
  {
    invariant: '(5) one request in flight',
    by: 'asking for servers beside the poll',
    file: machine,
    edits: [
      [
        "invoke: {\n        id: 'longPoll',",
        "invoke: [{ id: 'beside', src: 'fetchServers', input: serversInput }, {\n        id: 'longPoll',",
      ],
      ["gets its turn.',\n        },\n      },", "gets its turn.',\n        },\n      }],"],
    ],
  },
  {
    invariant: '(6) leaving a state aborts',
    by: 'services that do not pass the signal on',
    file: 'src/services.ts',
    edits: [
      [
        'longPoll: fromPromise(({ input, signal }) => requests.longPoll(input, signal)),',
        'longPoll: fromPromise(({ input }) => requests.longPoll(input, new AbortController().signal)),',
      ],
    ],
  },
  {
    invariant: '(6) leaving a state aborts',
    by: 'a page ahead that is still fetched when the stream is to pause or to stop',
    file: machine,
    edits: [
      [
        "pause: {\n              guard: 'isPageInHand',\n              target: '.settled',",
        "pause: {\n              guard: 'isPageInHand',",
      ],
      [
        "stop: {\n              guard: 'isPageInHand',\n              target: '.settled',",
        "stop: {\n              guard: 'isPageInHand',",
      ],
    ],
  },
  {
    invariant: '(7) keys are told to nobody',
    by: "keeping the token where a server's answer repeats it",
    file: 'src/services.ts',
    edits: [["said.replaceAll(secret, '(token)')", 'said']],
  },
  {
    invariant: '(7) keys are told to nobody',
    by: "the servers' URLs in the message of a retry",
    file: machine,
    edits: [
      [
        "enqueue.emit({ type: 'retry', error, attempt, delay });",
        `error.message += context.servers.map(({ url }) => url).join();
      enqueue.emit({ type: 'retry', error, attempt, delay });`,
      ],
    ],
  },
];
