/** A font in which texts are measured without a browser. */
export interface Font {
  /** In pixels. */
  readonly size: number;
  readonly isMonospaced?: boolean;
  readonly isBold?: boolean;
}

/**
 * How wide a text is at most, in pixels. Which font a reader has is not known, so it is measured in a wide one: DejaVu's, beside
 * which Helvetica, Segoe and San Francisco are narrower.
 */
export function widthOf(text: string, { size, isMonospaced = false, isBold = false }: Font): number {
  const ems = isMonospaced ? text.length * 0.61 : [...text].reduce((sum, letter) => sum + emsOf(letter), 0);
  return Math.ceil(ems * size * (isBold && !isMonospaced ? 1.1 : 1));
}

/** The words of a text in lines of at most so many pixels. */
export function wrap(text: string, { width, font }: { width: number; font: Font }): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && widthOf(longer, font) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function emsOf(letter: string): number {
  if ("iljI.,:;'|! ".includes(letter)) return 0.34;
  if ('ftr()[]/-'.includes(letter)) return 0.41;
  if ('mwMW@%'.includes(letter)) return 0.95;
  if (/[A-Z]/.test(letter)) return 0.7;
  return 0.61;
}
