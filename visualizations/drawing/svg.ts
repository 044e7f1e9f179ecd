import { fonts, lineHeights, padding, type TextBox } from './boxes.ts';
import type { Layout, Place, PlacedEdge, PlacedEntry, PlacedState, Point } from './layout.ts';

/** How an SVG is written. */
export interface SvgOptions {
  /**
   * The CSS that the drawing carries within. Without any, the page around it has to bring {@link svgStyle}.
   *
   * @default none
   */
  readonly style?: string;
}

/**
 * Draws a chart. States carry `data-state`, edges and the lines on them `data-transitions` and `data-transition`, so that a page can
 * light them.
 */
export function drawSvg(layout: Layout, { style }: SvgOptions = {}): string {
  const { width, height, chart } = layout;
  const compounds = layout.states.filter(({ state }) => state.children.length > 0);
  const leaves = layout.states.filter(({ state }) => state.children.length === 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title chart-description">`,
    `<title id="chart-title">${escape(chart.root.name)}</title>`,
    `<desc id="chart-description">${escape(chart.root.description ?? 'A statechart.')}</desc>`,
    ...(style === undefined ? [] : [`<style>\n${style}</style>`]),
    `<defs>${['main', 'failure', 'aside'].map(marker).join('')}</defs>`,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    ...compounds.map(drawState),
    ...inOrder(layout.edges).map(drawEdge),
    ...layout.entries.map(drawEntry),
    ...leaves.map(drawState),
    ...inOrder(layout.edges).map(drawLabel),
    '</svg>\n',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

// What stands out is drawn last, and so above the rest.
function inOrder(edges: readonly PlacedEdge[]): PlacedEdge[] {
  return ['aside', 'failure', 'main'].flatMap((tone) => edges.filter((edge) => edge.tone === tone));
}

function marker(tone: string): string {
  return `<marker id="arrow-${tone}" class="arrow ${tone}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0.8 9 5 0 9.2Z"/></marker>`;
}

function drawState({ state, text, isRegion, ...place }: PlacedState): string {
  const kinds = ['state', state.type, ...(isRegion ? ['region'] : [])].join(' ');
  const isFinal = state.type === 'final';
  const inset = { x: place.x + 4, y: place.y + 4, width: place.width - 8, height: place.height - 8 };
  return [
    `<g class="${kinds}" data-state="${escape(state.id)}">`,
    `<title>${escape(state.description ?? state.name)}</title>`,
    rectangle(place, { radius: 9, name: 'border' }),
    ...(isFinal ? [rectangle(inset, { radius: 6, name: 'inset' })] : []),
    drawText(text, { x: place.x + padding.x, y: place.y + padding.y }),
    '</g>',
  ].join('');
}

function drawEdge({ points, tone, transitions }: PlacedEdge): string {
  if (points.length === 0) return '';
  const ids = escape(transitions.map(({ id }) => id).join('|'));
  return `<path class="edge ${tone}" data-transitions="${ids}" d="${rounded(points)}" marker-end="url(#arrow-${tone})"/>`;
}

function drawLabel({ label, text, tone }: PlacedEdge): string {
  if (!label) return '';
  const lines = text.lines.map(({ text: line, transition }, index) => {
    const y = label.y + 3 + index * lineHeights.label + lineHeights.label * 0.74;
    const about = transition?.description;
    const title = about === undefined ? '' : `<title>${escape(about)}</title>`;
    return `<text class="label" data-transition="${escape(transition?.id ?? '')}" x="${round(label.x + label.width / 2)}" y="${round(y)}">${title}${escape(line)}</text>`;
  });
  return `<g class="on-edge ${tone}">${rectangle(label, { radius: 4, name: 'behind' })}${lines.join('')}</g>`;
}

function drawEntry({ kind, x, y, width, height }: PlacedEntry): string {
  const middle = { x: round(x + width / 2), y: round(y + height / 2) };
  if (kind === 'initial')
    return `<circle class="initial" cx="${middle.x}" cy="${middle.y}" r="${width / 2}"/>`;
  return `<g class="any">${rectangle({ x, y, width, height }, { radius: height / 2, name: 'border' })}<text class="label" x="${middle.x}" y="${middle.y + 4}">any state</text></g>`;
}

function drawText({ lines }: TextBox, { x, y }: Point): string {
  let top = y;
  const drawn = lines.map(({ text, style, transition }) => {
    const baseline = top + lineHeights[style] * 0.74;
    top += lineHeights[style];
    const id = transition ? ` data-transition="${escape(transition.id)}"` : '';
    return `<text class="${style}"${id} x="${round(x)}" y="${round(baseline)}">${escape(text)}</text>`;
  });
  return drawn.join('');
}

function rectangle({ x, y, width, height }: Place, { radius, name }: { radius: number; name: string }): string {
  return `<rect class="${name}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

/** A path through the points that goes round its corners. */
function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const steps = rest.map((point, index) => {
    const next = rest[index + 1];
    if (!next) return `L${at(point)}`;
    const before = points[index] ?? point;
    return `L${at(toward(point, before))}Q${at(point)} ${at(toward(point, next))}`;
  });
  return `M${at(first)}${steps.join('')}`;
}

function toward(from: Point, to: Point): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const share = distance === 0 ? 0 : Math.min(7, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const sans = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

/** The CSS of a drawing: light, and dark where the reader prefers it. */
export const svgStyle = `
.chart { --paper: #fff; --card: #f6f8fa; --ink: #1f2328; --soft: #59636e; --line: #8c959f; --main: #0969da; --failure: #bc4c00; --aside: #8c959f; font-family: ${sans}; }
@media (prefers-color-scheme: dark) {
  .chart { --paper: #0d1117; --card: #161b22; --ink: #e6edf3; --soft: #9198a1; --line: #6e7681; --main: #58a6ff; --failure: #f0883e; --aside: #6e7681; }
}
.chart .paper { fill: var(--paper); }
.chart .state > .border { fill: var(--card); stroke: var(--line); stroke-width: 1.25; }
.chart .compound > .border, .chart .parallel > .border { fill: none; }
.chart .region > .border { stroke-dasharray: 5 4; }
.chart .final > .inset { fill: none; stroke: var(--line); }
.chart text { fill: var(--ink); }
.chart .name { font-size: ${fonts.name.size}px; font-weight: 650; }
.chart .description { font-size: ${fonts.description.size}px; fill: var(--soft); }
.chart .invoke, .chart .inner, .chart .label { font-family: ${mono}; font-size: ${fonts.invoke.size}px; }
.chart .inner { font-size: ${fonts.inner.size}px; fill: var(--soft); }
.chart .label { text-anchor: middle; }
.chart .edge { fill: none; stroke-width: 1.25; }
.chart .edge.main { stroke: var(--main); stroke-width: 2.25; }
.chart .edge.failure { stroke: var(--failure); stroke-width: 1.5; stroke-dasharray: 6 3; }
.chart .edge.aside { stroke: var(--aside); }
.chart .arrow.main { fill: var(--main); }
.chart .arrow.failure { fill: var(--failure); }
.chart .arrow.aside { fill: var(--aside); }
.chart .on-edge .behind { fill: var(--paper); }
.chart .on-edge.main .label { fill: var(--main); font-weight: 600; }
.chart .on-edge.failure .label { fill: var(--failure); }
.chart .on-edge.aside .label, .chart .any .label { fill: var(--soft); }
.chart .any .border { fill: none; stroke: var(--aside); stroke-dasharray: 3 3; }
.chart .initial { fill: var(--main); }
`.trimStart();
