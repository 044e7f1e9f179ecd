import type { AnyEventObject, AnyTransitionDefinition } from 'xstate';
import type { BoxEventsContext } from '../../machines/box-events.machine.ts';
import { hideSecrets } from './hide-secrets.ts';

/** The path of a state, or of each that is active beside others: `delivering.page.open, delivering.nextPage.fetching`. */
export function pathOf(value: unknown): string {
  return pathsIn(value).join(', ');
}

function pathsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([key, within]) => pathsIn(within).map((path) => `${key}.${path}`));
}

/** The name of a transition on the chart, as visualizations/drawing/chart.ts gives it. */
export function transitionId(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const rivals = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  return `${source.id} ${eventType || 'always'} ${rivals.indexOf(transition)}`;
}

/** An event of the chart in words: `fetchEvents done`, `delivering done`, `after backoff`, `newChange`. */
export function describeEvent({ type }: AnyEventObject): string {
  const [, outcome, subject = ''] = /^xstate\.(done|error|after)\.(.*)$/.exec(type) ?? [];
  if (outcome === 'after') return `after ${subject.split('.')[0]}`;
  if (outcome === undefined) return type === 'xstate.init' ? 'start' : type;
  return `${subject.replace(/^(actor|state\.boxEvents)\./, '')} ${outcome === 'done' ? 'done' : 'failed'}`;
}

/** What an error says, without a key. */
export function describeError(error: unknown): string {
  return hideSecrets(error instanceof Error ? error.message : String(error));
}

/** What a stream remembers, small enough to be kept for each step, and without a key. */
export function describeContext(context: BoxEventsContext): Record<string, unknown> {
  const { recent, recentSize, page, nextPage, servers, ...rest } = context;
  return {
    ...rest,
    servers: withoutKeys(servers),
    recent: `${recent.length} ids, of at most ${recentSize}`,
    page: page && { ...page, events: `${page.events.length} events` },
    nextPage: nextPage && { ...nextPage, events: `${nextPage.events.length} events` },
  };
}

// The same list comes with each step until the next one is asked for.
const shownServers = new WeakMap<object, unknown>();

function withoutKeys(servers: BoxEventsContext['servers']): unknown {
  if (!shownServers.has(servers)) shownServers.set(servers, hideSecrets(servers));
  return shownServers.get(servers);
}
