import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** A stream that may be a terminal, as `process.stdout` and `process.stderr` are. */
export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number | undefined };

/** Colours a text. */
export type Paint = (format: Format, text: string) => string;
export type Format = Parameters<typeof styleText>[0];

/** How wide a terminal is at this moment, in columns; 80 when it does not say. */
export function widthOf({ columns }: TerminalStream): number {
  return columns || 80;
}

/** Colours where the stream is a terminal that knows colours, and neither `NO_COLOR` nor `NODE_DISABLE_COLORS` is set. */
export function paintFor(stream: TerminalStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}

/**
 * A line that ends at the terminal's edge instead of going on below. Terminals disagree about how wide a combined emoji is, so a line
 * that was cut to the width may still be too long.
 */
export function unwrapped(line: string, stream: TerminalStream): string {
  return isScreen(stream) ? `\x1b[?7l${line}\x1b[?7h` : line;
}

/** Whether the stream is a terminal that moves its cursor as it is told. */
export function isScreen({ isTTY }: TerminalStream): boolean {
  return isTTY === true && process.env.TERM !== 'dumb';
}

/** Writes, and waits until the stream has passed it all on. Rejects when it cannot. */
export async function write(stream: Writable, texts: readonly string[]): Promise<void> {
  await Promise.all(
    texts.map(
      (text) =>
        new Promise<void>((resolve, reject) => {
          stream.write(text, (error) => (error ? reject(error) : resolve()));
        }),
    ),
  );
}
