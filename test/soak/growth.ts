/** What is looked at once in a while. */
export interface Sample {
  /** The heap in use after a collection of garbage, in bytes. */
  readonly heap: number;
  /** What the process holds of the machine's memory, in bytes. */
  readonly rss: number;
  /** Sockets, timers and all else that keeps the process alive. */
  readonly handles: number;
}

/**
 * How much each may grow from the middle third of the samples to the last one; the first third is for warming up. Of handles the most
 * counts, not the mean: a stream that backs off has fewer than one that polls.
 */
const rules = {
  heap: { allowed: 0.05, sumUp: mean },
  rss: { allowed: 0.1, sumUp: mean },
  handles: { allowed: 0.05, sumUp: most },
} as const;

/** What grew by more than is allowed, in words. Six samples are needed at least. */
export function growthIn(samples: readonly Sample[]): string[] {
  const third = Math.floor(samples.length / 3);
  if (third < 2) return [`${samples.length} samples are too few to say whether anything grows`];
  const middle = samples.slice(-2 * third, -third);
  const last = samples.slice(-third);
  return (['heap', 'rss', 'handles'] as const).flatMap((what) => {
    const { allowed, sumUp } = rules[what];
    const before = sumUp(middle.map((sample) => sample[what]));
    const after = sumUp(last.map((sample) => sample[what]));
    const growth = after / before - 1;
    return growth > allowed
      ? [`${what} grew by ${(growth * 100).toFixed(1)} %, from ${Math.round(before)} to ${Math.round(after)}`]
      : [];
  });
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function most(numbers: readonly number[]): number {
  return Math.max(...numbers);
}
