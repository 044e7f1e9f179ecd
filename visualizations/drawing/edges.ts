import type { Chart, ChartState, ChartTransition } from './chart.ts';

/** `main` is what usually happens and stands out, `failure` is what goes wrong, `aside` is all else. */
export type Tone = 'main' | 'failure' | 'aside';

/** An arrow of the drawing. Transitions between the same states share one when they are of one tone. */
export interface Edge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly tone: Tone;
  /** None on the way from a dot to an initial state. */
  readonly transitions: readonly ChartTransition[];
}

/** What an edge begins at that is no state. */
export interface Entry {
  readonly id: string;
  readonly kind: 'initial' | 'any';
  /** The state that it stands in. */
  readonly parent: string;
}

/** The arrows of a chart: to where each state begins, and for each transition that leads somewhere. */
export function edgesOf(chart: Chart, toneOf: (transition: ChartTransition) => Tone = toneByTrigger): Edge[] {
  const edges = new Map<string, Edge & { transitions: ChartTransition[] }>();
  const insides = new Map([chart.root, ...chart.states].map((state) => [state.id, idsWithin(state)]));
  for (const transition of chart.transitions) {
    for (const target of transition.targets) {
      const isInward = insides.get(transition.source)?.has(target) === true;
      const source = isInward ? `${transition.source} any` : transition.source;
      const tone = toneOf(transition);
      const id = `${source} → ${target} ${tone}`;
      const edge = edges.get(id) ?? { id, source, target, tone, transitions: [] };
      edge.transitions.push(transition);
      edges.set(id, edge);
    }
  }
  return [...[chart.root, ...chart.states].flatMap(initialEdges), ...edges.values()];
}

/** What the edges begin at besides states. */
export function entriesOf(edges: readonly Edge[]): Entry[] {
  const ids = new Set(edges.map(({ source }) => source).filter((id) => / (any|initial)$/.test(id)));
  return [...ids].map((id) => {
    const kind = id.endsWith(' any') ? 'any' : 'initial';
    return { id, kind, parent: id.slice(0, -kind.length - 1) };
  });
}

function toneByTrigger({ trigger: { kind } }: ChartTransition): Tone {
  if (kind === 'error') return 'failure';
  return kind === 'after' ? 'aside' : 'main';
}

function initialEdges({ id, type, initial }: ChartState): Edge[] {
  const source = type === 'history' ? id : `${id} initial`;
  return initial.map((target) => ({
    id: `${source} → ${target}`,
    source,
    target,
    tone: type === 'history' ? 'aside' : 'main',
    transitions: [],
  }));
}

function idsWithin({ children }: ChartState): Set<string> {
  return new Set(children.flatMap((child) => [child.id, ...idsWithin(child)]));
}
