import { innerLines, labelText, titleOf } from './boxes.ts';
import { type Chart, type ChartState, innerOf } from './chart.ts';
import { type Edge, type Entry, edgesOf, entriesOf } from './edges.ts';

/** Draws a chart as a `stateDiagram-v2` of Mermaid. */
export function drawMermaid(chart: Chart): string {
  const edges = edgesOf(chart);
  const { root } = chart;
  const rootLines = root.type === 'parallel' ? [] : innerTexts(root, chart);
  const anyState: Entry = { id: `${root.id} any`, kind: 'any', parent: root.id };
  const found = entriesOf(edges).filter(({ kind }) => kind === 'any');
  const isMissing = rootLines.length > 0 && found.every(({ id }) => id !== anyState.id);
  const surroundings = { chart, edges, entries: isMissing ? [anyState, ...found] : found };
  const lines = [
    'stateDiagram-v2',
    `  accTitle: ${plain(root.name)}`,
    ...(root.description === undefined ? [] : [`  accDescr: ${plain(root.description)}`]),
    // Only a state may have regions.
    ...(root.type === 'parallel' ? stateLines(root, surroundings) : insideOf(root, surroundings)),
    ...rootLines.map((line) => `  ${idOf(anyState.id)} : ${line}`),
    ...edges.filter(({ source }) => !source.endsWith(' initial')).flatMap(edgeLines),
  ];
  return `${lines.join('\n')}\n`;
}

interface Surroundings {
  readonly chart: Chart;
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
}

function insideOf(state: ChartState, surroundings: Surroundings): string[] {
  const { entries, edges } = surroundings;
  const within = [
    ...entries
      .filter(({ parent }) => parent === state.id)
      .map(({ id }) => `state "any other state" as ${idOf(id)}`),
    ...edges
      .filter(({ source }) => source === `${state.id} initial`)
      .map(({ target }) => `[*] --> ${idOf(target)}`),
    ...state.children.flatMap((child, index) => [
      ...(state.type === 'parallel' && index > 0 ? ['--'] : []),
      ...stateLines(child, surroundings),
    ]),
  ];
  return within.map((line) => `  ${line}`);
}

function stateLines(state: ChartState, surroundings: Surroundings): string[] {
  const id = idOf(state.id);
  const invokes = state.invokes.map((name) => `invoke ${plain(name)}`);
  const within = [...invokes, ...innerTexts(state, surroundings.chart)];
  if (state.children.length > 0) {
    const title = [plain(state.name), ...within].join(', ');
    return [`state "${title}" as ${id} {`, ...insideOf(state, surroundings), '}'];
  }
  return [
    `state "${plain(titleOf(state))}" as ${id}`,
    ...within.map((line) => `${id} : ${line}`),
    ...(state.type === 'final' ? [`${id} --> [*]`] : []),
  ];
}

function edgeLines({ source, target, transitions }: Edge): string[] {
  // Where a history state leads when there is nothing to remember.
  if (transitions.length === 0) return [`  ${idOf(source)} --> ${idOf(target)}`];
  return transitions.map(
    (transition) => `  ${idOf(source)} --> ${idOf(target)} : ${plain(labelText(transition))}`,
  );
}

function innerTexts(state: ChartState, chart: Chart): string[] {
  return innerLines(innerOf(state, chart)).map(({ text }) => plain(text));
}

// Two different ids may not become one: what is no letter or digit is spelt out.
function idOf(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9]/g, (sign) =>
    sign === '.' ? '_' : `_${sign.codePointAt(0)?.toString(16)}_`,
  );
}

/** Without the signs that Mermaid would read as its own. */
function plain(text: string): string {
  return text.replaceAll(/[:;#"{}%\s]+/g, ' ').trim();
}
