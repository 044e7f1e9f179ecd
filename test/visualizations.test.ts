import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AnyStateMachine, createActor, createMachine, fromPromise } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { boxUsersMachine } from '../machines/box-users.machine.ts';
import { draw } from '../visualizations/draw.ts';
import { labelText } from '../visualizations/drawing/boxes.ts';
import { readChart } from '../visualizations/drawing/chart.ts';
import { layOut } from '../visualizations/drawing/layout.ts';
import { drawMermaid } from '../visualizations/drawing/mermaid.ts';
import { toJson } from '../visualizations/drawing/stately.ts';
import { drawSvg } from '../visualizations/drawing/svg.ts';
import { sampleMachines } from './support/sample-machines.ts';

const root = new URL('..', import.meta.url);

test('what was drawn is what the chart is: if this fails, `npm run draw`', async () => {
  const drawn = await draw();
  expect([...drawn.keys()]).toContain('src/inspector/chart.ts');
  for (const [file, text] of drawn)
    expect(readFileSync(new URL(file, root), 'utf8') === text, file).toBe(true);
});

test('the README shows the chart as a picture and as Mermaid', async () => {
  const drawn = await draw();
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const mermaid = drawn.get('visualizations/box-events.mmd')?.replace(/^%%.*\n/, '');
  expect(readme).toContain('src="visualizations/box-events.svg"');
  expect(readme).toContain(`\`\`\`mermaid\n${mermaid}\`\`\``);
});

test('the picture shows each state with its actor and description, and each transition that leads somewhere', async () => {
  const svg = (await draw()).get('visualizations/box-events.svg') ?? '';
  const { states, transitions } = readChart(boxEventsMachine);
  const text = svg.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  for (const { id, name, invokes, description } of states) {
    expect(svg).toContain(`data-state="${id}"`);
    for (const shown of [name, description ?? '', ...invokes.map((actor) => `invoke ${actor}`)]) {
      expect(text).toContain(shown);
    }
  }
  for (const { id, targets, guard } of transitions.filter((transition) => transition.targets.length > 0)) {
    expect(targets.length).toBe(1);
    expect(svg).toContain(`data-transition="${id}"`);
    if (guard) expect(text).toContain(`[${guard}]`);
  }
});

test('the JSON makes the same chart again, also after a round trip', () => {
  const again = createMachine(JSON.parse(toJson(boxEventsMachine)));
  expect(readChart(again)).toEqual(readChart(boxEventsMachine));
  expect(toJson(again)).toBe(toJson(boxEventsMachine));
});

test("the snippet for Stately's editor is a module that makes the chart", async () => {
  const path = '../visualizations/box-events.stately.js';
  const { machine } = (await import(/* @vite-ignore */ path)) as { machine: AnyStateMachine };
  expect(readChart(machine)).toEqual(readChart(boxEventsMachine));
  const fetchServers = fromPromise(() => new Promise<never>(() => {}));
  const actor = createActor(machine.provide({ actors: { fetchServers } })).start();
  expect(actor.getSnapshot().value).toBe('fetchingServers');
  actor.stop();
});

/** What the machine itself does without leaving its state, with and without another transition that begins at any other state. */
const own = (on: Record<string, string | { actions: string }>, type?: 'parallel') =>
  createMachine({
    id: 'bell',
    ...(type ? { type } : { initial: 'silent' }),
    on: { ping: { actions: 'note' }, ...on },
    states: { silent: {}, loud: {} },
  });

const machines: [string, AnyStateMachine][] = [
  ...Object.entries<AnyStateMachine>({ ...sampleMachines, boxEventsMachine, boxUsersMachine }),
  ['a machine that acts', own({})],
  ['a machine that acts and moves', own({ ring: '.loud' })],
  ['a parallel machine that acts', own({}, 'parallel')],
];

test.each(machines)('Mermaid and the SVG have every transition of %s', async (_, machine) => {
  const chart = readChart(machine);
  const mermaid = drawMermaid(chart);
  const texts = [...drawSvg(await layOut(chart)).matchAll(/<text[^>]*>(?:<title>.*?<\/title>)?([^<]*)/g)];
  const svg = texts.map(([, text = '']) => text).join('\n');
  for (const label of new Set(chart.transitions.map(labelText))) {
    const count = chart.transitions.filter((transition) => labelText(transition) === label).length;
    expect(timesIn(svg, label), `${label} in the SVG`).toBeGreaterThanOrEqual(count);
    expect(timesIn(mermaid, label), `${label} in Mermaid`).toBeGreaterThanOrEqual(count);
  }
});

test('Mermaid says what a state does without leaving it, and where a history state leads by default', () => {
  expect(drawMermaid(readChart(boxEventsMachine))).toContain(
    'boxEvents_polling : after settled / forgetFailures',
  );
  expect(drawMermaid(readChart(own({})))).toContain('bell_20_any : ping / note');
  expect(drawMermaid(readChart(sampleMachines.payment))).toContain(
    'payment_method_latest --> payment_method_cash\n',
  );
});

// As a whole: `done` is not in `done [isPageFull]`.
function timesIn(text: string, label: string): number {
  const pattern = label.replaceAll(/[^\w ]/g, (sign) => `\\${sign}`);
  return [...text.matchAll(new RegExp(`(?<=^|: |, |ignores )${pattern}(?=$|,| /|")`, 'gm'))].length;
}
