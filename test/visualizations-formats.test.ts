// @vitest-environment jsdom

import mermaid from 'mermaid';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { readChart } from '../visualizations/drawing/chart.ts';
import { layOut } from '../visualizations/drawing/layout.ts';
import { drawMermaid } from '../visualizations/drawing/mermaid.ts';
import { drawSvg } from '../visualizations/drawing/svg.ts';
import { svgStyle } from '../visualizations/drawing/svg-style.ts';
import { sampleMachines } from './support/sample-machines.ts';

const machines = Object.entries({ ...sampleMachines, boxEventsMachine });

test.each(machines)('the SVG of %s is well-formed XML, and says what is in it', async (_, machine) => {
  const svg = drawSvg(await layOut(readChart(machine)), { style: svgStyle });
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(documentElement.tagName).toBe('svg');
  expect(documentElement.querySelector('title')?.textContent).toBe(machine.id);
  const descriptions = Object.values(machine.states).flatMap(({ description }) => description ?? []);
  const titles = [...documentElement.querySelectorAll('.state > title')].map(
    ({ textContent }) => textContent,
  );
  for (const description of descriptions) expect(titles).toContain(description);
});

test.each(machines)(
  "Mermaid's own parser accepts the drawing of %s, and finds each state in it",
  async (_, machine) => {
    const chart = readChart(machine);
    const text = drawMermaid(chart);
    expect(await mermaid.parse(text)).toMatchObject({ diagramType: 'stateDiagram' });
    for (const { name } of chart.states) expect(text).toContain(name);
  },
);

test('a name that Mermaid cannot read as it stands is written without what confuses it', async () => {
  const machine = createMachine({
    id: 'odd "names"',
    initial: 'a {state}',
    states: { 'a {state}': { on: { 'x:y;z#"%%': 'end' } }, end: {} },
  });
  const text = drawMermaid(readChart(machine));
  expect(await mermaid.parse(text)).toMatchObject({ diagramType: 'stateDiagram' });
  expect(text).toContain(': x y z');
  await expect(mermaid.parse(text.replace('x y z', 'x"; --> :'))).rejects.toThrow();
});
