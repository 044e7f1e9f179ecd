/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  if (isAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The text, cut to so many columns; `…` stands for what is missing. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (isAscii.test(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  let used = 0;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    const next = used + graphemeWidth(segment);
    if (next > width) return `${kept}…`;
    // One column is kept free for the `…`, until nothing more comes.
    if (next < width) kept += segment;
    else return displayWidth(text) <= width ? text : `${kept}…`;
    used = next;
  }
  return kept;
}

/** The text, cut or filled with spaces to exactly so many columns. */
export function fill(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
}

const isAscii = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

// Several code points may make one emoji, which is two columns wide. In other scripts each code point but the marks has its place.
function graphemeWidth(grapheme: string): number {
  if (emoji.test(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) {
    if (!zeroWidth.test(character)) width += wide.test(character) ? 2 : 1;
  }
  return width;
}

const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

// Marks that sit on the character before, and the vowels and finals that complete a Korean syllable.
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

/** @see https://www.unicode.org/reports/tr11/ East Asian Wide and Fullwidth */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;
