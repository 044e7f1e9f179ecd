import { labelText, titleOf } from './boxes.ts';
import type { Chart, ChartState } from './chart.ts';
import { type Edge, type Entry, edgesOf, entriesOf } from './edges.ts';

/** Draws a chart as a `stateDiagram-v2` of Mermaid. */
export function drawMermaid(chart: Chart): string {
  const edges = edgesOf(chart);
  const entries = entriesOf(edges).filter(({ kind }) => kind === 'any');
  const { root } = chart;
  const lines = [
    'stateDiagram-v2',
    `  accTitle: ${plain(root.name)}`,
    ...(root.description === undefined ? [] : [`  accDescr: ${plain(root.description)}`]),
    // Only a state may have regions.
    ...(root.type === 'parallel' ? stateLines(root, { entries, edges }) : insideOf(root, { entries, edges })),
    ...edges.filter(({ transitions }) => transitions.length > 0).flatMap(edgeLines),
  ];
  return `${lines.join('\n')}\n`;
}

interface Surroundings {
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
}

function insideOf(state: ChartState, surroundings: Surroundings): string[] {
  const { entries, edges } = surroundings;
  const within = [
    ...entries
      .filter(({ parent }) => parent === state.id)
      .map(({ id }) => `state "any state" as ${idOf(id)}`),
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
  if (state.children.length > 0) {
    const title = [plain(state.name), ...invokes].join(', ');
    return [`state "${title}" as ${id} {`, ...insideOf(state, surroundings), '}'];
  }
  return [
    `state "${plain(titleOf(state))}" as ${id}`,
    ...invokes.map((line) => `${id} : ${line}`),
    ...(state.type === 'final' ? [`${id} --> [*]`] : []),
  ];
}

function edgeLines({ source, target, transitions }: Edge): string[] {
  return transitions.map(
    (transition) => `  ${idOf(source)} --> ${idOf(target)} : ${plain(labelText(transition))}`,
  );
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
