import type { BoxEvent } from '../../machines/box-event.ts';
import { event, mayPass, pureChart } from '../support/pure-chart.ts';

type Chart = ReturnType<typeof pureChart>;

/** Something that can happen to the chart: an answer, the end of a delay, or a command. */
export interface Happening {
  readonly name: string;
  readonly kind: 'answer' | 'delay' | 'command';
  /** A fault ends with it, or it is one. */
  readonly isFault: boolean;
  readonly happen: (chart: Chart) => unknown;
}

/** A state of the chart, with its context reduced to what guards read. */
export interface Place {
  readonly key: string;
  readonly state: string;
  /** How to get there from the start. */
  readonly path: readonly Happening[];
  readonly edges: readonly Edge[];
}

/** What happens at a place, and where it leads. */
export interface Edge {
  readonly happening: Happening;
  readonly to: string;
  /** A new event with an id was delivered, and the position moved. */
  readonly bringsNews: boolean;
}

const lasting = new Error('This will not pass.');
const onServers = (name: string, maxRetries: number): Happening => ({
  ...{ name, kind: 'answer', isFault: false },
  happen: (chart) => chart.servers({ url: 'http://a', maxRetries }),
});
const answer = (type: 'newChange' | 'reconnect' | 'maxRetries'): Happening => ({
  ...{ name: type, kind: 'answer', isFault: true },
  happen: (chart) => chart.answer(type),
});
const page = (name: string, read: (chart: Chart) => [string, BoxEvent[], boolean?]): Happening => ({
  ...{ name, kind: 'answer', isFault: false },
  happen: (chart) => chart.page(...read(chart)),
});
const fails = (actor: 'fetchServers' | 'longPoll' | 'fetchEvents' | 'deliver'): Happening[] => [
  {
    name: `${actor} fails for now`,
    kind: 'answer',
    isFault: true,
    happen: (chart) => chart.fails(actor, mayPass()),
  },
  {
    name: `${actor} fails for good`,
    kind: 'answer',
    isFault: true,
    happen: (chart) => chart.fails(actor, lasting),
  },
];
const after = (name: 'settled' | 'retryTimeout' | 'backoff'): Happening => ({
  ...{ name, kind: 'delay', isFault: false },
  happen: (chart) => chart.after(name),
});
const command = (name: 'pause' | 'resume' | 'stop'): Happening => ({
  ...{ name, kind: 'command', isFault: false },
  happen: (chart) => chart.send(name),
});

const moved = (chart: Chart) => String(Number(chart.context.streamPosition) + 1);
const unseen = (chart: Chart) => [event(`after ${chart.context.streamPosition}`)];
const seen = [event('seen')];

/** What can happen in each state, besides commands. */
const happenings: Record<string, readonly Happening[]> = {
  fetchingServers: [
    onServers('servers', 1),
    onServers('servers that allow one poll', 0),
    ...fails('fetchServers'),
  ],
  polling: [
    ...[answer('newChange'), answer('reconnect'), answer('maxRetries')],
    ...[after('settled'), after('retryTimeout'), ...fails('longPoll')],
  ],
  fetchingEvents: [
    page('news', (chart) => [moved(chart), unseen(chart)]),
    page('a full page of news', (chart) => [moved(chart), unseen(chart), true]),
    page('an empty page', (chart) => [chart.context.streamPosition, []]),
    page('a page of duplicates', (chart) => [moved(chart), seen]),
    page('a full page of duplicates', (chart) => [moved(chart), seen, true]),
    page('a full page that does not move', (chart) => [chart.context.streamPosition, unseen(chart), true]),
    ...fails('fetchEvents'),
  ],
  delivering: [
    { name: 'delivered', kind: 'answer', isFault: false, happen: (chart) => chart.delivered() },
    ...fails('deliver'),
  ],
  backingOff: [after('backoff')],
};
const commands = [command('pause'), command('resume'), command('stop')];

/** Walks through every place that the chart can reach. */
export function reachablePlaces(): Map<string, Place> {
  const places = new Map<string, Place>();
  const waiting: (readonly Happening[])[] = [[]];
  for (let path = waiting.shift(); path; path = waiting.shift()) {
    const chart = chartAfter(path);
    const key = keyOf(chart);
    if (places.has(key)) continue;
    const edges = happeningsAt(chart).map((happening): Edge => {
      const next = chartAfter([...path, happening]);
      waiting.push([...path, happening]);
      return { happening, to: keyOf(next), bringsNews: hasNews(chart) && next.context.page === null };
    });
    places.set(key, { key, state: stateOf(chart), path, edges });
  }
  return places;
}

/** The chart after a path of happenings. */
export function chartAfter(path: readonly Happening[]): Chart {
  const chart = pureChart({ streamPosition: '5', recent: ['seen'] });
  for (const { happen } of path) happen(chart);
  return chart;
}

/** What can happen to a chart where it is. */
export function happeningsAt(chart: Chart): readonly Happening[] {
  if (chart.snapshot.status !== 'active') return [];
  return [...(happenings[stateOf(chart)] ?? []), ...commands];
}

/** The name of the top state. */
export function stateOf({ snapshot: { status, value } }: Chart): string {
  if (status === 'error') return 'error';
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}

const hasNews = ({ context }: Chart) => context.page?.hasNews === true;

function keyOf(chart: Chart): string {
  const { snapshot, context } = chart;
  if (snapshot.status !== 'active') return snapshot.status;
  const { caughtUp, prompted, fruitless, delay, polls, page: held, servers } = context;
  const pollsLeft = polls <= (servers[0]?.maxRetries ?? 0);
  const kept = held && { full: held.isFull, news: held.hasNews };
  return JSON.stringify({
    at: snapshot.value,
    caughtUp,
    prompted,
    fruitless: Math.min(fruitless, 2),
    due: delay > 0,
    pollsLeft,
    kept,
  });
}
