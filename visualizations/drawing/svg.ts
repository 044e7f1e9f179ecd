import { lineHeights, padding, type TextBox } from './boxes.ts';
import type { Tone } from './edges.ts';
import type { Layout, Place, PlacedEdge, PlacedEntry, PlacedState, Point } from './layout.ts';
import { widthOf } from './measure.ts';

/** How an SVG is written. */
export interface SvgOptions {
  /**
   * The CSS that the drawing carries within. Without any, the page around it has to bring `svgStyle`.
   *
   * @default none
   */
  readonly style?: string;
  /**
   * What each tone means, for a line below the chart.
   *
   * @default none
   */
  readonly legend?: Readonly<Record<Tone, string>>;
}

const legendHeight = 36;
const tones = ['main', 'failure', 'aside'] as const;

/**
 * Draws a chart. States carry `data-state`, edges and the lines on them `data-transitions` and `data-transition`, so that a page can
 * light them.
 */
export function drawSvg(layout: Layout, { style, legend }: SvgOptions = {}): string {
  const { width, chart } = layout;
  const height = layout.height + (legend ? legendHeight : 0);
  const compounds = layout.states.filter(({ state }) => state.children.length > 0);
  const leaves = layout.states.filter(({ state }) => state.children.length === 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title chart-description">`,
    `<title id="chart-title">${escapeXml(chart.root.name)}</title>`,
    `<desc id="chart-description">${escapeXml(chart.root.description ?? 'A statechart.')}</desc>`,
    ...(style === undefined ? [] : [`<style>\n${style}</style>`]),
    `<defs>${tones.map(marker).join('')}</defs>`,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    drawText(layout.heading, { x: padding.x, y: padding.y }),
    ...compounds.map(drawState),
    ...inOrder(layout.edges).map(drawEdge),
    ...layout.entries.map(drawEntry),
    ...leaves.map(drawState),
    ...compounds.map(drawHeading),
    ...inOrder(layout.edges).map(drawLabel),
    legend ? drawLegend(legend, layout.height + legendHeight / 2 - 6) : '',
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
    `<g class="${kinds}" data-state="${escapeXml(state.id)}">`,
    `<title>${escapeXml(state.description ?? state.name)}</title>`,
    rectangle(place, { radius: 9, name: 'border' }),
    ...(isFinal ? [rectangle(inset, { radius: 6, name: 'inset' })] : []),
    state.children.length === 0 ? drawText(text, inner(place)) : '',
    '</g>',
  ].join('');
}

// Above the edges, for some of them lead into it.
function drawHeading({ text, ...place }: PlacedState): string {
  const behind = { ...inner(place), width: text.width - 2 * padding.x, height: text.height - 2 * padding.y };
  return `<g class="heading">${rectangle(behind, { radius: 4, name: 'behind' })}${drawText(text, behind)}</g>`;
}

function inner({ x, y }: Point): Point {
  return { x: x + padding.x, y: y + padding.y };
}

function drawEdge({ points, tone, transitions }: PlacedEdge): string {
  if (points.length === 0) return '';
  const ids = escapeXml(transitions.map(({ id }) => id).join('|'));
  return `<path class="edge ${tone}" data-transitions="${ids}" d="${rounded(points)}" marker-end="url(#arrow-${tone})"/>`;
}

function drawLabel({ label, text, tone }: PlacedEdge): string {
  if (!label) return '';
  const lines = text.lines.map(({ text: line, transition }, index) => {
    const y = label.y + 3 + index * lineHeights.label + lineHeights.label * 0.74;
    const about = transition?.description;
    const title = about === undefined ? '' : `<title>${escapeXml(about)}</title>`;
    return `<text class="label" data-transition="${escapeXml(transition?.id ?? '')}" x="${round(label.x + label.width / 2)}" y="${round(y)}">${title}${escapeXml(line)}</text>`;
  });
  return `<g class="on-edge ${tone}">${rectangle(label, { radius: 4, name: 'behind' })}${lines.join('')}</g>`;
}

function drawEntry({ kind, x, y, width, height }: PlacedEntry): string {
  const middle = { x: round(x + width / 2), y: round(y + height / 2) };
  if (kind === 'initial')
    return `<circle class="initial" cx="${middle.x}" cy="${middle.y}" r="${width / 2}"/>`;
  return `<g class="any">${rectangle({ x, y, width, height }, { radius: height / 2, name: 'border' })}<text class="label" x="${middle.x}" y="${middle.y + 4}">any other state</text></g>`;
}

function drawLegend(legend: Readonly<Record<Tone, string>>, y: number): string {
  let x = 24;
  const drawn = tones.map((tone) => {
    const start = x;
    x += 64 + widthOf(legend[tone], { size: 12 });
    return `<path class="edge ${tone}" d="M${start} ${y}H${start + 34}" marker-end="url(#arrow-${tone})"/><text class="description" x="${start + 42}" y="${y + 4}">${escapeXml(legend[tone])}</text>`;
  });
  return `<g class="legend">${drawn.join('')}</g>`;
}

function drawText({ lines }: TextBox, { x, y }: Point): string {
  let top = y;
  const drawn = lines.map(({ text, style, transition }) => {
    const baseline = top + lineHeights[style] * 0.74;
    top += lineHeights[style];
    const id = transition ? ` data-transition="${escapeXml(transition.id)}"` : '';
    return `<text class="${style}"${id} x="${round(x)}" y="${round(baseline)}">${escapeXml(text)}</text>`;
  });
  return drawn.join('');
}

function rectangle(
  { x, y, width, height }: Place,
  { radius, name }: { radius: number; name: string },
): string {
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

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
