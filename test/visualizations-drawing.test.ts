import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { readChart } from '../visualizations/drawing/chart.ts';
import { edgesOf } from '../visualizations/drawing/edges.ts';
import { layOut, type Place } from '../visualizations/drawing/layout.ts';
import { widthOf, wrap } from '../visualizations/drawing/measure.ts';
import { drawSvg } from '../visualizations/drawing/svg.ts';
import { svgStyle } from '../visualizations/drawing/svg-style.ts';
import { sampleMachines } from './support/sample-machines.ts';

const machines: Record<string, AnyStateMachine> = { ...sampleMachines, boxEventsMachine };

describe.each(Object.entries(machines))('%s', (_, machine) => {
  const chart = readChart(machine);

  test('every state is drawn once, and every transition that leads somewhere', async () => {
    const svg = drawSvg(await layOut(chart));
    for (const { id } of chart.states) expect(svg.split(`data-state="${id}"`)).toHaveLength(2);
    const drawn = [...svg.matchAll(/<path[^>]*data-transitions="([^"]*)"/g)].flatMap(([, ids]) =>
      ids?.split('|'),
    );
    for (const { id, targets } of chart.transitions) {
      expect(drawn.filter((other) => other === id)).toHaveLength(targets.length);
    }
  });

  test('no state lies on another, no label on a state or a label, and all on the paper', async () => {
    const { states, edges, width, height } = await layOut(chart);
    const leaves = states.filter(({ state }) => state.children.length === 0);
    const labels = edges.flatMap(({ label }) => label ?? []);
    const places: Place[] = [...leaves, ...labels];
    for (const [index, place] of places.entries()) {
      expect(places.slice(index + 1).find((other) => overlap(place, other))).toBeUndefined();
      expect(place.x).toBeGreaterThanOrEqual(0);
      expect(place.x + place.width).toBeLessThanOrEqual(width);
      expect(place.y + place.height).toBeLessThanOrEqual(height);
    }
  });

  test('the regions of a parallel state stand one above the other', async () => {
    const { states } = await layOut(chart);
    const regionsOf = (parent: string) =>
      states.filter(({ state, isRegion }) => isRegion && state.id.replace(/\.[^.]+$/, '') === parent);
    for (const { state } of states) {
      const [lower, upper] = regionsOf(state.id);
      if (lower && upper) expect(upper.y + upper.height).toBeLessThanOrEqual(lower.y);
    }
  });

  test('a child lies within its parent', async () => {
    const { states } = await layOut(chart);
    const placed = new Map(states.map((place) => [place.state.id, place]));
    for (const parent of states) {
      for (const { id } of parent.state.children) expect(contains(parent, placed.get(id))).toBe(true);
    }
  });

  test('each edge begins and ends at the border of what it connects', async () => {
    const { edges, states } = await layOut(chart);
    const placed = new Map(states.map((place) => [place.state.id, place]));
    for (const { points, source, target } of edges) {
      for (const [point, place] of [
        [points[0], placed.get(source)],
        [points.at(-1), placed.get(target)],
      ] as const) {
        if (place && point) expect(isOnBorder(point, place)).toBe(true);
      }
    }
  });

  test('it is drawn the same each time', async () => {
    const svg = drawSvg(await layOut(chart), { style: svgStyle });
    expect(drawSvg(await layOut(readChart(machine)), { style: svgStyle })).toBe(svg);
  });
});

test('what a transition is called says its event, its guard and its delay', () => {
  const labels = (machine: AnyStateMachine) =>
    readChart(machine).transitions.map(({ trigger, guard }) => `${trigger.label} ${guard ?? ''}`.trim());
  expect(labels(sampleMachines.glass)).toEqual([
    'again',
    'wait',
    'done pouring',
    'error pouring',
    'error cleaning',
    'always isFull',
    'always and(isFull, not(isClean))',
    'always',
    '* inline',
  ]);
  expect(labels(sampleMachines.trafficLight)).toContain('after patience');
  expect(labels(sampleMachines.trafficLight)).toContain('after 30,000 ms');
  expect(labels(sampleMachines.trafficLight)).toContain('done');
});

test('a history state shows whether it is deep, and leads where it leads by default', async () => {
  const { states, edges } = await layOut(readChart(sampleMachines.payment));
  const [shallow, deep] = states.filter(({ state }) => state.type === 'history');
  expect(shallow?.text.lines.map(({ text }) => text)).toEqual(['latest (H)']);
  expect(deep?.text.lines.map(({ text }) => text)).toEqual(['exactly (H*)']);
  expect(
    edges.some(
      ({ source, target }) => source === 'payment.method.latest' && target === 'payment.method.cash',
    ),
  ).toBe(true);
});

test("a state's own transitions to the states within begin at `any other state`", () => {
  const [edge] = edgesOf(readChart(sampleMachines.trafficLight)).filter(({ source }) =>
    source.endsWith('any'),
  );
  expect(edge).toMatchObject({ source: 'trafficLight any', target: 'trafficLight.broken' });
});

test('one that matters more stands out, by default by what sets it off, and else as the caller says', () => {
  const chart = readChart(sampleMachines.glass);
  const failures = edgesOf(chart).filter(({ tone }) => tone === 'failure');
  expect(failures.map(({ target }) => target)).toEqual(['glass.broken']);
  expect(
    edgesOf(chart, () => 'aside').filter(
      ({ tone, transitions }) => tone === 'main' && transitions.length > 0,
    ),
  ).toEqual([]);
});

test('an empty machine is an empty sheet', async () => {
  expect(drawSvg(await layOut(readChart(createMachine({ id: 'nothing' }))))).toContain('<svg');
});

test('text is measured wide rather than narrow, and wrapped between words', () => {
  const font = { size: 10 };
  expect(widthOf('iiii', font)).toBeLessThan(widthOf('mmmm', font));
  expect(wrap('one two three', { width: widthOf('one two', font), font })).toEqual(['one two', 'three']);
  expect(wrap('incomprehensibilities', { width: 10, font })).toEqual(['incomprehensibilities']);
});

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function contains(outer: Place, inner: Place | undefined): boolean {
  if (!inner) return false;
  const fits = inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width;
  return fits && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height;
}

function isOnBorder({ x, y }: { x: number; y: number }, place: Place): boolean {
  const isNear = (one: number, other: number) => Math.abs(one - other) < 1;
  const isBeside = isNear(x, place.x) || isNear(x, place.x + place.width);
  return isBeside || isNear(y, place.y) || isNear(y, place.y + place.height);
}
