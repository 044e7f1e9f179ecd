import elkjs, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { edgeBox, headingBox, padding, stateBox, type TextBox } from './boxes.ts';
import { type Chart, type ChartState, type ChartTransition, innerOf } from './chart.ts';
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

/** Where states begin: the dot before an initial state, or `any other state` before what a state's own transitions lead to. */
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
  /** What the machine itself does, whatever its state, and without leaving it. */
  readonly heading: TextBox;
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
  /**
   * Which of the states beside each other come first, which is further up: those with the smaller number.
   *
   * @default all the same: in the order of the machine
   */
  readonly orderOf?: (state: ChartState) => number;
  /** @default 'DOWN' */
  readonly direction?: 'DOWN' | 'RIGHT';
}

/** Gives every state, edge and label of a chart its place, the same each time. */
export async function layOut(chart: Chart, options: LayoutOptions = {}): Promise<Layout> {
  const edges = edgesOf(chart, options.toneOf);
  const elk = new elkjs.default();
  const graph = await elk.layout(toElk(chart, edges, options));
  const places = new Map(allNodes(graph).map((node) => [node.id, placeOf(node)]));
  const laid = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const placeFor = (id: string): Place => places.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const heading = headingBox(innerOf(chart.root, chart));
  const parallels = new Set([chart.root, ...chart.states].flatMap(regionsOf));
  return {
    chart,
    width: Math.ceil(Math.max(graph.width ?? 0, heading.width)),
    height: Math.ceil(graph.height ?? 0),
    heading,
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

const entrySizes = { initial: { width: 12, height: 12 }, any: { width: 100, height: 24 } };

function toElk(
  chart: Chart,
  edges: readonly Edge[],
  { direction = 'DOWN', orderOf = () => 0 }: LayoutOptions,
): ElkNode {
  const entries = entriesOf(edges);
  const entriesIn = (parent: string): ElkNode[] =>
    entries.filter((entry) => entry.parent === parent).map(({ id, kind }) => ({ id, ...entrySizes[kind] }));
  const nodesOf = ({ children }: ChartState): ElkNode[] =>
    children.toSorted((one, other) => orderOf(one) - orderOf(other)).map(toNode);
  const toNode = (state: ChartState): ElkNode => {
    const { width, height } = textOf(state, chart);
    const inside = [...entriesIn(state.id), ...nodesOf(state)];
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
    layoutOptions: {
      ...layoutOptions,
      'elk.direction': direction,
      'elk.padding': `[top=${16 + headingBox(innerOf(chart.root, chart)).height},left=16,bottom=16,right=16]`,
    },
    children: [...entriesIn(chart.root.id), ...nodesOf(chart.root)],
    edges: [...edges.map(toElkEdge), ...stack(chart)],
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

// Beside each other, regions would make the drawing too wide to be read. The first, from which most edges leave, stands lowest.
function stack(chart: Chart): ElkExtendedEdge[] {
  return [chart.root, ...chart.states].map(regionsOf).flatMap((regions) =>
    regions.slice(1).map((region, index) => ({
      id: `${region} above`,
      sources: [region],
      targets: [regions[index] ?? region],
    })),
  );
}

// The order of the chart is that of the life cycle: it shall be seen from the top down.
const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.layering.strategy': 'LONGEST_PATH',
  'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS',
};

function textOf(state: ChartState, chart: Chart): TextBox {
  return stateBox(state, innerOf(state, chart));
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
