import { describe, expect, test } from 'vitest';
import { chartAfter, type Edge, type Place, reachablePlaces } from './chart-space.ts';

const places = reachablePlaces();
const all = [...places.values()];
const describePath = ({ path, state }: Place) => `${path.map(({ name }) => name).join(' → ')} (${state})`;

/** The places from which one that is wanted can be reached over such edges. */
function thatReach(isWanted: (place: Place) => boolean, isOpen: (edge: Edge) => boolean): Set<string> {
  const reaching = new Set(all.filter(isWanted).map(({ key }) => key));
  for (let size = -1; size !== reaching.size; ) {
    size = reaching.size;
    for (const { key, edges } of all)
      if (edges.some((edge) => isOpen(edge) && reaching.has(edge.to))) reaching.add(key);
  }
  return reaching;
}

/** A cycle over such edges, as the names of what happens in it. */
function findCycle(isOpen: (edge: Edge) => boolean): string[] | undefined {
  const finished = new Set<string>();
  const visit = (key: string, trail: readonly string[], names: readonly string[]): string[] | undefined => {
    if (trail.includes(key)) return names.slice(trail.indexOf(key));
    if (finished.has(key)) return undefined;
    for (const edge of places.get(key)?.edges.filter(isOpen) ?? []) {
      const cycle = visit(edge.to, [...trail, key], [...names, edge.happening.name]);
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

test('the space is explored whole', () => {
  console.info(`${places.size} places, ${all.reduce((sum, { edges }) => sum + edges.length, 0)} edges`);
  for (const { edges: out } of all) for (const { to } of out) expect(places.has(to)).toBe(true);
  const states = new Set(all.map(({ state }) => state));
  expect(states).toEqual(
    new Set([
      'fetchingServers',
      'polling',
      'fetchingEvents',
      'delivering',
      'backingOff',
      'paused',
      'stopped',
      'error',
    ]),
  );
});

test('from every place, polling is reached once faults end, and a pause is resumed', () => {
  const reaching = thatReach(
    ({ state }) => ['polling', 'stopped', 'error'].includes(state),
    ({ happening }) => !happening.isFault && happening.name !== 'stop',
  );
  expect(all.filter(({ key }) => !reaching.has(key)).map(describePath)).toEqual([]);
});

describe('no cycle without a new event or a delay', () => {
  const isOpen = ({ happening, bringsNews }: Edge) => happening.kind === 'answer' && !bringsNews;

  test('of answers alone, at whatever speed they come', () => {
    expect(findCycle(isOpen)).toBeUndefined();
  });

  test('a chart with such a cycle would be found out: with delays counted as answers there is one', () => {
    expect(findCycle((edge) => isOpen(edge) || edge.happening.kind === 'delay')).toBeDefined();
  });
});

test('stop leads to stopped from everywhere, at once or with the delivery', () => {
  for (const { path, state, edges } of all) {
    if (edges.length === 0) continue;
    const chart = chartAfter(path).send('stop');
    if (state === 'delivering') chart.delivered();
    expect(chart.snapshot, describePath({ path, state, edges, key: '' })).toMatchObject({
      status: 'done',
      value: 'stopped',
    });
  }
});

test('pause and resume evade no delay', () => {
  for (const place of all.filter(({ state }) => state === 'backingOff')) {
    const chart = chartAfter(place.path);
    const { delay } = chart.context;
    chart.send('pause').send('resume');
    expect([chart.state, chart.context.delay], describePath(place)).toEqual(['backingOff', delay]);
  }
});

test('a back-off that a page calls for while it is delivered is not evaded by a pause', () => {
  for (const place of all.filter(({ state }) => state === 'delivering')) {
    const chart = chartAfter([...place.path]);
    if (chart.state instanceof Object && !('open' === Object.values(chart.state)[0])) continue;
    const regular = chartAfter(place.path).delivered();
    chart.send('pause').delivered().send('resume');
    expect(chart.state === 'backingOff', describePath(place)).toBe(regular.state === 'backingOff');
  }
});

test('one actor is invoked at most, and none while the stream waits or has ended', () => {
  for (const place of all) {
    const { snapshot } = chartAfter(place.path);
    const running = snapshot.status === 'active' ? snapshot._nodes.flatMap(({ invoke }) => invoke) : [];
    expect(running.length, describePath(place)).toBe(
      ['fetchingServers', 'polling', 'fetchingEvents', 'delivering'].includes(place.state) ? 1 : 0,
    );
  }
});

test('the position moves with a delivery, and with nothing else', () => {
  for (const { path, edges } of all) {
    const before = chartAfter(path);
    for (const { happening } of edges) {
      const after = chartAfter([...path, happening]);
      const page = before.context.page;
      const expected = happening.name === 'delivered' ? page?.streamPosition : before.context.streamPosition;
      expect(after.context.streamPosition).toBe(expected);
      if (happening.name !== 'delivered') expect(after.context.recent).toEqual(before.context.recent);
    }
  }
});
