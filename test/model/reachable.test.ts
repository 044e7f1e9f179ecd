import { describe, expect, test } from 'vitest';
import {
  chartAfter,
  type Edge,
  isDelivered,
  isFetchedAhead,
  type Place,
  reachablePlaces,
} from './chart-space.ts';

const places = reachablePlaces();
const all = [...places.values()];
const edgeCount = all.reduce((sum, { edges }) => sum + edges.length, 0);
const isEnd = ({ state }: Place) => state === 'stopped' || state === 'error';
const describePath = ({ path, state }: Place) => `${path.map(({ name }) => name).join(' → ')} (${state})`;

/** The places from which, whichever of these edges are taken, one that is wanted is reached in the end. */
function thatMustReach(
  isWanted: (place: Place) => boolean,
  isOpen: (edge: Edge, place: Place) => boolean,
): Set<string> {
  const reaching = new Set(all.filter(isWanted).map(({ key }) => key));
  for (let size = -1; size !== reaching.size; ) {
    size = reaching.size;
    for (const place of all) {
      const open = place.edges.filter((edge) => isOpen(edge, place));
      if (open.length > 0 && open.every(({ to }) => reaching.has(to))) reaching.add(place.key);
    }
  }
  return reaching;
}

/** A cycle over such edges, as the names of what happens in it. */
function findCycle(isOpen: (edge: Edge) => boolean): string[] | undefined {
  const finished = new Set<string>();
  const visit = (key: string, trail: readonly string[], names: readonly string[]): string[] | undefined => {
    if (trail.includes(key)) return names.slice(trail.indexOf(key));
    if (finished.has(key)) return undefined;
    for (const { to, happening } of places.get(key)?.edges.filter(isOpen) ?? []) {
      const cycle = visit(to, [...trail, key], [...names, happening.name]);
      if (cycle) return cycle;
    }
    finished.add(key);
    return undefined;
  };
  for (const { key } of all) {
    const cycle = visit(key, [], []);
    if (cycle) return cycle;
  }
  return undefined;
}

test('the space is explored whole, and every state of the chart is in it', () => {
  console.info(`D: ${places.size} places and ${edgeCount} edges are all that the chart can reach`);
  for (const { edges } of all) for (const { to } of edges) expect(places.has(to)).toBe(true);
  expect([...new Set(all.map(({ state }) => state))].sort()).toEqual(
    `backingOff delivering error fetchingEvents fetchingServers paused polling stopped`.split(' '),
  );
});

describe('from every place, polling or an end is reached once faults stop, whatever Box answers then', () => {
  const isWell = ({ happening, bringsNews }: Edge) =>
    !happening.isFault && happening.kind !== 'command' && !bringsNews;
  // Of what is new there is an end.
  const isWanted = (place: Place) =>
    place.state === 'polling' || isEnd(place) || place.edges.some(({ bringsNews }) => bringsNews);

  test('with a resume where it was paused', () => {
    const reaching = thatMustReach(isWanted, (edge, { key }) =>
      edge.happening.name === 'resume' ? edge.to !== key : isWell(edge),
    );
    expect(all.filter(({ key }) => !reaching.has(key)).map(describePath)).toEqual([]);
  });

  test('without one, where it was not', () => {
    const reaching = thatMustReach(isWanted, isWell);
    const stuck = all.filter(
      ({ key, path }) => !reaching.has(key) && !path.some(({ name }) => name === 'pause'),
    );
    expect(stuck.map(describePath)).toEqual([]);
    expect(reaching.size).toBeLessThan(places.size);
  });
});

describe('no cycle without a new event or a delay', () => {
  const isOpen = ({ happening, bringsNews }: Edge) => happening.kind === 'answer' && !bringsNews;

  test('of answers alone, at whatever speed they come', () => {
    expect(findCycle(isOpen)).toBeUndefined();
  });

  test('one would be found: with delays counted as answers there is one', () => {
    expect(findCycle((edge) => isOpen(edge) || edge.happening.kind === 'delay')).toBeDefined();
  });
});

describe('commands', () => {
  test('stop leads to stopped from everywhere, at once or with the delivery', () => {
    for (const place of all.filter(({ edges }) => edges.length > 0)) {
      const chart = chartAfter(place.path).send('stop');
      if (isDelivered(chart.snapshot)) chart.delivered();
      expect(chart.snapshot, describePath(place)).toMatchObject({
        ...{ status: 'done', value: 'stopped' },
        output: { streamPosition: chart.context.streamPosition },
      });
    }
  });

  test('pause and stop give up the page ahead of the one in hand', () => {
    for (const place of all) {
      if (!isDelivered(chartAfter(place.path).snapshot)) continue;
      for (const command of ['pause', 'stop'] as const) {
        const chart = chartAfter(place.path).send(command);
        const left = [isFetchedAhead(chart.snapshot), chart.context.nextPage];
        expect(left, describePath(place)).toEqual([false, null]);
      }
    }
  });

  test('pause and resume evade no delay', () => {
    for (const place of all.filter(({ state }) => state === 'backingOff')) {
      const chart = chartAfter(place.path);
      const { delay } = chart.context;
      chart.send('pause').send('resume');
      expect([chart.state, chart.delayOf('backoff')], describePath(place)).toEqual(['backingOff', delay]);
    }
  });

  test('a back-off that a page calls for while it is delivered is not evaded by a pause', () => {
    for (const place of all.filter(({ state }) => state === 'delivering')) {
      if (!chartAfter(place.path).snapshot.matches({ delivering: { page: 'open' } })) continue;
      const undisturbed = chartAfter(place.path).delivered();
      const paused = chartAfter(place.path).send('pause').delivered().send('resume');
      expect(paused.state === 'backingOff', describePath(place)).toBe(undisturbed.state === 'backingOff');
    }
  });
});

test('one actor is invoked where something is asked or delivered, one more where a page is fetched ahead, and none while the stream waits or has ended', () => {
  const invoking = new Map([
    ['fetchingServers', 'fetchServers'],
    ['polling', 'longPoll'],
    ['fetchingEvents', 'fetchEvents'],
    ['delivering', 'deliver'],
  ]);
  for (const place of all) {
    const { snapshot } = chartAfter(place.path);
    const invoked = snapshot.status === 'active' ? snapshot._nodes.flatMap(({ invoke }) => invoke) : [];
    const ahead = isFetchedAhead(snapshot) ? 'fetchEvents' : undefined;
    const expected = [invoking.get(place.state), ahead].filter((src) => src !== undefined);
    expect(
      invoked.map(({ src }) => src),
      describePath(place),
    ).toEqual(expected);
  }
});

test('position and recent ids move with a delivery, together, and with nothing else', () => {
  for (const { path, edges } of all) {
    const { context } = chartAfter(path);
    const before = { streamPosition: context.streamPosition, recent: context.recent };
    const { streamPosition = '', events = [] } = context.page ?? {};
    const handled = { streamPosition, recent: [...context.recent, ...events.map((event) => event.event_id)] };
    for (const { happening } of edges) {
      expect(chartAfter([...path, happening]).context, happening.name).toMatchObject(
        happening.name === 'delivered' ? handled : before,
      );
    }
  }
});
