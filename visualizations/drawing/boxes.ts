import type { ChartState, ChartTransition } from './chart.ts';
import { type Font, widthOf, wrap } from './measure.ts';

/** A line of text in a state, or on an edge. */
export interface TextLine {
  readonly text: string;
  readonly style: 'name' | 'invoke' | 'description' | 'inner' | 'label';
  /** The transition that the line is about. */
  readonly transition?: ChartTransition;
}

/** A piece of text, and how much room it takes with the space around it. */
export interface TextBox {
  readonly lines: readonly TextLine[];
  readonly width: number;
  readonly height: number;
}

/** The fonts of the chart, in pixels. */
export const fonts = {
  name: { size: 15, isBold: true },
  invoke: { size: 12, isMonospaced: true },
  description: { size: 12 },
  inner: { size: 11.5, isMonospaced: true },
  label: { size: 12, isMonospaced: true },
} as const satisfies Record<TextLine['style'], Font>;

/** How far apart the lines of each style are, in pixels. */
export const lineHeights = { name: 20, invoke: 17, description: 16, inner: 16, label: 16 } as const;

/** The space between a state's border and its text, in pixels. */
export const padding = { x: 14, y: 10 } as const;

const descriptionWidth = 215;

/** What is written in a state: its name, the actors it invokes, its description, and the transitions that lead nowhere else. */
export function stateBox(state: ChartState, inner: readonly ChartTransition[]): TextBox {
  const description = state.description ?? '';
  const lines: TextLine[] = [
    { text: titleOf(state), style: 'name' },
    ...state.invokes.map((text) => ({ text: `invoke ${text}`, style: 'invoke' }) as const),
    ...(description === ''
      ? []
      : wrap(description, { width: descriptionWidth, font: fonts.description }).map(
          (text) => ({ text, style: 'description' }) as const,
        )),
    ...innerLines(inner),
  ];
  return { lines, width: widest(lines) + 2 * padding.x, height: heightOf(lines) + 2 * padding.y };
}

/** What is written above a chart: the transitions of the machine itself that lead nowhere else. */
export function headingBox(inner: readonly ChartTransition[]): TextBox {
  const lines = innerLines(inner);
  return { lines, width: widest(lines) + 2 * padding.x, height: heightOf(lines) };
}

/** What is written on an edge: a line for each of its transitions. */
export function edgeBox(transitions: readonly ChartTransition[]): TextBox {
  const lines = transitions.map(
    (transition) => ({ text: labelText(transition), style: 'label', transition }) as const,
  );
  return { lines, width: widest(lines) + 10, height: heightOf(lines) + 6 };
}

/** What sets a transition off, and on what condition: `reconnect [isFruitlessAgain]`. */
export function labelText({ trigger, guard }: ChartTransition): string {
  return guard === undefined ? trigger.label : `${trigger.label} [${guard}]`;
}

/** What a state is called; a history state says so, with a star when it is deep. */
export function titleOf({ name, type, isDeep }: ChartState): string {
  return type === 'history' ? `${name} (H${isDeep ? '*' : ''})` : name;
}

/** Transitions that lead nowhere else, a line for each that acts, and one for all that ignore their event. */
export function innerLines(transitions: readonly ChartTransition[]): TextLine[] {
  const acting = transitions.filter(({ actions }) => actions.length > 0);
  const ignored = transitions.filter(({ actions }) => actions.length === 0).map(labelText);
  return [
    ...acting.map((transition) => ({ text: innerText(transition), style: 'inner', transition }) as const),
    ...(ignored.length > 0 ? [{ text: `ignores ${ignored.join(', ')}`, style: 'inner' } as const] : []),
  ];
}

function innerText(transition: ChartTransition): string {
  return `${labelText(transition)} / ${transition.actions.join(', ')}`;
}

function widest(lines: readonly TextLine[]): number {
  return Math.max(0, ...lines.map(({ text, style }) => widthOf(text, fonts[style])));
}

function heightOf(lines: readonly TextLine[]): number {
  return lines.reduce((sum, { style }) => sum + lineHeights[style], 0);
}
