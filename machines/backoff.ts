const firstDelay = 1_000;
const longestDelay = 30_000;
const longestRetryAfter = 24 * 60 * 60 * 1_000;

/**
 * How long to wait before the next attempt, in milliseconds: between half of and all of 1 s · 2^(attempt - 1), at most 30 s, and never
 * less than the server asked for (at most 24 h). To that comes up to 1 s · 2^(attempt - 1), at most 30 s, so that clients do not return all at
 * once: each needs two calls to get on, and thousands who return within a second spend what the server allows on the first.
 *
 * @param attempt The number of this back-off in a row, from 1.
 * @param retryAfter What the server asked for, in milliseconds.
 * @param random A number from 0 up to 1; `Math.random()` by default.
 */
export function backoffDelay(
  attempt: number,
  retryAfter: number | undefined,
  random = Math.random(),
): number {
  const ceiling = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
  const delay = ceiling / 2 + (ceiling / 2) * random;
  const asked = retryAfter === undefined ? 0 : Math.min(retryAfter, longestRetryAfter) + ceiling * random;
  return Math.round(Math.max(delay, asked));
}
