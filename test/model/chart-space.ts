import type { SnapshotFrom } from 'xstate';
import type { BoxEvent } from '../../machines/box-event.ts';
import type { boxEventsMachine } from '../../machines/box-events.machine.ts';
import { type Page, readPage } from '../../machines/page.ts';
import { event, mayPass, pureChart } from '../support/pure-chart.ts';

type PureChart = ReturnType<typeof pureChart>;
type Deed = 'servers' | 'answer' | 'page' | 'nextPage' | 'delivered' | 'fails' | 'after' | 'send';

/** What can be done to a chart, be it the pure one or a running one. */
export type Hands = { readonly context: PureChart['context'] } & {
  readonly [Name in Deed]: (...how: Parameters<PureChart[Name]>) => unknown;
};

/** Something that can happen to the chart: an answer, the end of a delay, or a command. */
export interface Happening {
  readonly name: string;
  readonly kind: 'answer' | 'delay' | 'command';
  /** It would not happen if all was well. */
  readonly isFault: boolean;
  readonly happen: (hands: Hands) => unknown;
}

/** A state of the chart, with its context reduced to what guards read. */
export interface Place {
  readonly key: string;
  /** The top state, or `error`. */
  readonly state: string;
  /** How to get there from the start. */
  readonly path: readonly Happening[];
  readonly edges: readonly Edge[];
}

/** What can happen at a place, and where it leads. */
export interface Edge {
  readonly happening: Happening;
  readonly to: string;
  /** A new event with an id was delivered, and the position moved. */
  readonly bringsNews: boolean;
}

/** The input that every path starts from. */
export const start = { streamPosition: '5', recent: ['seen'] };

type ActorName = Parameters<PureChart['fails']>[0];
const well = (name: string, happen: Happening['happen']): Happening => ({
  ...{ name, kind: 'answer', isFault: false, happen },
});
const fault = (name: string, happen: Happening['happen']): Happening => ({
  ...{ name, kind: 'answer', isFault: true, happen },
});
const fails = (actor: ActorName): Happening[] => [
  fault(`${actor} fails for now`, (hands) => hands.fails(actor, mayPass())),
  fault(`${actor} fails for good`, (hands) => hands.fails(actor, new Error('This will not pass.'))),
];
const answers = (type: Parameters<PureChart['answer']>[0]) => fault(type, (hands) => hands.answer(type));
const passes = (name: string, ...delays: Parameters<PureChart['after']>[0][]): Happening => ({
  ...{ name, kind: 'delay', isFault: false },
  happen: (hands) => {
    for (const delay of delays) hands.after(delay);
  },
});
const command = (name: Parameters<PureChart['send']>[0]): Happening => ({
  ...{ name, kind: 'command', isFault: false, happen: (hands) => hands.send(name) },
});

// A page follows the one in hand, if there is one.
const here = ({ context }: Hands) => context.page?.streamPosition ?? context.streamPosition;
const further = (hands: Hands) => String(Number(here(hands)) + 1);
const unseen = ({ context: { recent, page } }: Hands): BoxEvent[] => [
  event(`after ${recent.length + (page?.events.length ?? 0)} others`),
];
const seen = [event('seen')];

const pages = (deed: 'page' | 'nextPage', name: string): Happening[] => [
  well(`a ${name} of news`, (hands) => hands[deed](further(hands), unseen(hands))),
  well(`a full ${name} of news`, (hands) => hands[deed](further(hands), unseen(hands), true)),
  well(`an empty ${name}`, (hands) => hands[deed](here(hands))),
  fault(`a ${name} of duplicates`, (hands) => hands[deed](further(hands), seen)),
  fault(`a full ${name} of duplicates`, (hands) => hands[deed](further(hands), seen, true)),
  fault(`a full ${name} that does not move`, (hands) => hands[deed](here(hands), unseen(hands), true)),
];

/** What can happen in each state, besides commands. */
const happenings: Readonly<Record<string, readonly Happening[]>> = {
  fetchingServers: [
    well('servers', (hands) => hands.servers({ maxRetries: 1 })),
    well('servers that allow one poll', (hands) => hands.servers({ maxRetries: 0 })),
    ...fails('fetchServers'),
  ],
  polling: [
    ...[answers('newChange'), answers('reconnect'), answers('maxRetries')],
    ...[passes('settled', 'settled'), passes('silence', 'settled', 'retryTimeout'), ...fails('longPoll')],
  ],
  fetchingEvents: [...pages('page', 'page'), ...fails('fetchEvents')],
  backingOff: [passes('backoff', 'backoff')],
};
const deliveries = [well('delivered', (hands) => hands.delivered()), ...fails('deliver')];
const nextPages = [...pages('nextPage', 'next page'), ...fails('fetchNextPage')];
const commands = [command('pause'), command('resume'), command('stop')];

/** Walks through every place that the chart can reach. */
export function reachablePlaces(): Map<string, Place> {
  const places = new Map<string, Place>();
  const waiting: (readonly Happening[])[] = [[]];
  for (let path = waiting.shift(); path; path = waiting.shift()) {
    const { snapshot, context } = chartAfter(path);
    const key = keyOf(snapshot);
    if (places.has(key)) continue;
    const edges = happeningsAt(snapshot).map((happening): Edge => {
      const next = chartAfter([...path, happening]);
      waiting.push([...path, happening]);
      const hasMoved = next.context.streamPosition !== context.streamPosition;
      const bringsNews = context.page?.hasNews === true && hasMoved;
      return { happening, to: keyOf(next.snapshot), bringsNews };
    });
    places.set(key, { key, state: stateOf(snapshot), path, edges });
  }
  return places;
}

/** The pure chart after a path of happenings. */
export function chartAfter(path: readonly Happening[]): PureChart {
  const chart = pureChart(start);
  for (const { happen } of path) happen(chart);
  return chart;
}

type ChartSnapshot = SnapshotFrom<typeof boxEventsMachine>;

function happeningsAt(snapshot: ChartSnapshot): readonly Happening[] {
  if (snapshot.status !== 'active') return [];
  return [
    ...(happenings[stateOf(snapshot)] ?? []),
    ...(isDelivered(snapshot) ? deliveries : []),
    ...(isFetchedAhead(snapshot) ? nextPages : []),
    ...commands,
  ];
}

/** Whether a page is being delivered. */
export function isDelivered(snapshot: ChartSnapshot): boolean {
  return snapshot.matches('delivering') && !snapshot.matches({ delivering: { page: 'handled' } });
}

/** Whether the page after it is being fetched. */
export function isFetchedAhead(snapshot: ChartSnapshot): boolean {
  return snapshot.matches({ delivering: { nextPage: 'fetching' } });
}

function stateOf({ status, value }: ChartSnapshot): string {
  if (status === 'error') return 'error';
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}

/** What tells a place from others: the state, and of the context what guards read, no finer than they do. */
export function keyOf(snapshot: ChartSnapshot): string {
  if (snapshot.status !== 'active') return snapshot.status;
  const { caughtUp, prompted, fruitless, delay, polls, page, nextPage, servers, recent } = snapshot.context;
  const known = [...recent, ...(page?.events ?? []).map(({ event_id = '' }) => event_id)];
  return JSON.stringify({
    at: snapshot.value,
    ...{ caughtUp, prompted, fruitless: Math.min(fruitless, 2), isDue: delay > 0 },
    pollsLeft: Math.max(0, (servers[0]?.maxRetries ?? 0) + 1 - polls),
    page: page && kindOf(page),
    nextPage: page && nextPage && kindOf(readPage(nextPage, page.streamPosition, known)),
  });
}

const kindOf = ({ isFull, hasNews }: Page) => ({ isFull, hasNews });
