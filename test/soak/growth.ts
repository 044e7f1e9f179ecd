/** What is looked at once in a while. */
export interface Sample {
  /** The heap in use after a collection of garbage, in bytes. */
  readonly heap: number;
  /** What the process holds of the machine's memory, in bytes. */
  readonly rss: number;
  /** Sockets, timers and all else that keeps the process alive, without the socket and the timer of each poll that is held. */
  readonly spareHandles: number;
}

/** By how much the mean of heap and RSS may grow. */
const allowedGrowth = { heap: 0.05, rss: 0.1 } as const;

/** By how many handles the least of them may grow. */
const allowedHandles = 100;

/**
 * What grew by more than is allowed from the middle third of the samples to the last one, in words; the first third is for warming up.
 * Of handles the least counts, for they come and go with what goes wrong: a leak would raise it, too. Six samples are needed at least.
 */
export function growthIn(samples: readonly Sample[]): string[] {
  const third = Math.floor(samples.length / 3);
  if (third < 2) return [`${samples.length} samples are too few to say whether anything grows`];
  const middle = samples.slice(-2 * third, -third);
  const last = samples.slice(-third);
  const memory = (['heap', 'rss'] as const).flatMap((what) => {
    const before = mean(middle.map((sample) => sample[what]));
    const after = mean(last.map((sample) => sample[what]));
    const growth = after / before - 1;
    return growth > allowedGrowth[what]
      ? [`${what} grew by ${(growth * 100).toFixed(1)} %, from ${Math.round(before)} to ${Math.round(after)}`]
      : [];
  });
  const before = leastHandles(middle);
  const after = leastHandles(last);
  return after > before + allowedHandles ? [...memory, `handles grew from ${before} to ${after}`] : memory;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function leastHandles(samples: readonly Sample[]): number {
  return Math.min(...samples.map(({ spareHandles }) => spareHandles));
}
