/**
 * Makes one line of a text that somebody else wrote, and leaves nothing in it that a terminal would obey: white space of any kind
 * becomes one space; control characters (ANSI escapes begin with one), bidirectional overrides, other invisible marks and lone
 * surrogates become `�`, so that it shows that something was there.
 */
export function oneLine(text: string): string {
  return text.replace(whiteSpace, ' ').replace(unprintable, '\ufffd').trim();
}

const whiteSpace = /[\s\u0085]+/gu;

// The two joiners stay: emoji and several scripts are written with them.
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu;
