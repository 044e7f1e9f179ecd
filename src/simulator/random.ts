/** A source of repeatable chance: the same seed gives the same draws, in the same order. Not for secrets. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** One of `choices`, each as likely as any other. */
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
  /** A decimal number of so many digits, the first of which is not zero. */
  digits(length: number): string;
  /** So many hexadecimal digits. */
  hex(length: number): string;
}

/** Creates a {@link Random} from a whole number of 32 bits (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function integer(least: number, most: number): number {
    return least + Math.floor(next() * (most - least + 1));
  }

  return {
    next,
    integer,
    pick: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
    digits: (length) => String(integer(1, 9)) + draw(length - 1, () => String(integer(0, 9))),
    hex: (length) =>
      draw(length, () =>
        integer(0, 2 ** 32 - 1)
          .toString(16)
          .padStart(8, '0'),
      ).slice(0, length),
  };
}

function draw(length: number, some: () => string): string {
  let digits = '';
  while (digits.length < length) digits += some();
  return digits;
}
