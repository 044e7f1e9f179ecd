import elkjs, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { edgeBox, padding, stateBox, type TextBox } from './boxes.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';
import { type Edge, edgesOf, entriesOf, type Tone } from './edges.ts';

/** A place on the drawing, in pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle on the drawing. */
export interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

/** A state and its place. */
export interface PlacedState extends Place {
  readonly state: ChartState;
  readonly text: TextBox;
  /** A region of a parallel state: its siblings are active with it. */
  readonly isRegion: boolean;
}

/** Where states begin: the dot before an initial state, or `any state` before what a state's own transitions lead to. */
export interface PlacedEntry extends Place {
  readonly kind: 'initial' | 'any';
}

/** An edge and the points that it runs through. */
export interface PlacedEdge extends Edge {
  readonly points: readonly Point[];
  readonly text: TextBox;
  /** Where its text stands, if it has any. */
  readonly label: Place | undefined;
}

/** A chart in which everything has its place. */
export interface Layout {
  readonly chart: Chart;
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly entries: readonly PlacedEntry[];
  readonly edges: readonly PlacedEdge[];
}

/** How a chart is laid out. */
export interface LayoutOptions {
  /**
   * What stands out (`main`) and what stands back.
   *
   * @default by what sets a transition off: errors are a `failure`, time is an `aside`, all else is `main`
   */
  readonly toneOf?: (transition: ChartTransition) => Tone;
  /** @default 'DOWN' */
  readonly direction?: 'DOWN' | 'RIGHT';
}

/** Gives every state, edge and label of a chart its place, the same each time. */
export async function layOut(chart: Chart, options: LayoutOptions = {}): Promise<Layout> {
  const edges = edgesOf(chart, options.toneOf);
  const elk = new elkjs.default();
  const graph = await elk.layout(toElk(chart, edges, options.direction ?? 'DOWN'));
  const places = new Map(allNodes(graph).map((node) => [node.id, placeOf(node)]));
  const laid = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const placeFor = (id: string): Place => places.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const parallels = new Set([chart.root, ...chart.states].flatMap(regionsOf));
  return {
    chart,
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    states: chart.states.map((state) => ({
      state,
      text: textOf(state, chart),
      isRegion: parallels.has(state.id),
      ...placeFor(state.id),
    })),
    entries: entriesOf(edges).map(({ id, kind }) => ({ kind, ...placeFor(id) })),
    edges: edges.map((edge) => ({ ...edge, text: edgeBox(edge.transitions), ...routeOf(laid.get(edge.id)) })),
  };
}

const entrySizes = { initial: { width: 12, height: 12 }, any: { width: 76, height: 24 } };

function toElk(chart: Chart, edges: readonly Edge[], direction: string): ElkNode {
  const entries = entriesOf(edges);
  const entriesIn = (parent: string): ElkNode[] =>
    entries.filter((entry) => entry.parent === parent).map(({ id, kind }) => ({ id, ...entrySizes[kind] }));
  const toNode = (state: ChartState): ElkNode => {
    const { width, height } = textOf(state, chart);
    const inside = [...entriesIn(state.id), ...state.children.map(toNode)];
    if (inside.length === 0) return { id: state.id, width, height };
    return {
      id: state.id,
      children: inside,
      layoutOptions: {
        'elk.padding': `[top=${height + 8},left=${padding.x},bottom=${padding.x},right=${padding.x}]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${width},${height})`,
      },
    };
  };
  return {
    id: chart.root.id,
    layoutOptions: { ...layoutOptions, 'elk.direction': direction },
    children: [...entriesIn(chart.root.id), ...chart.root.children.toSorted((a,b)=>rank(a.name)-rank(b.name)).map(toNode)],
    edges: edges.map(toElkEdge),
  };
}

function toElkEdge({ id, source, target, transitions, tone }: Edge): ElkExtendedEdge {
  const { width, height } = edgeBox(transitions);
  const straightness = { main: '10', failure: '1', aside: '1' }[tone];
  return {
    id,
    sources: [source],
    targets: [target],
    labels:
      transitions.length > 0
        ? [{ text: id, width, height, layoutOptions: { 'elk.edgeLabels.inline': 'true' } }]
        : [],
    layoutOptions: {
      'elk.layered.priority.straightness': straightness,
      'elk.layered.priority.direction': straightness,
    },
  };
}

// The order of the chart is that of the life cycle: it shall be seen from the top down.
const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.layering.strategy': 'LONGEST_PATH',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};

function textOf(state: ChartState, { transitions }: Chart): TextBox {
  const isInner = ({ source, targets }: ChartTransition) => source === state.id && targets.length === 0;
  return stateBox(state, transitions.filter(isInner));
}

function regionsOf({ type, children }: ChartState): string[] {
  return type === 'parallel' ? children.map(({ id }) => id) : [];
}

function allNodes(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(allNodes)];
}

function placeOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Place>): Place {
  return { x, y, width, height };
}

function routeOf(edge: ElkExtendedEdge | undefined): Pick<PlacedEdge, 'points' | 'label'> {
  const [section] = edge?.sections ?? [];
  const [label] = edge?.labels ?? [];
  return {
    points: section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [],
    label: label && placeOf(label),
  };
}
const rank = (n: string) => (process.env.ORDER ?? '').split(',').indexOf(n);
