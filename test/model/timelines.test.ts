import fc from 'fast-check';
import { test } from 'vitest';
import { timelines } from './timelines.ts';

// A failure prints its seed and path. To see it again: SEED=… TIMELINE=… npx vitest run test/model/timelines
const { SEED, TIMELINE } = process.env;
const runs = 2_000;

test(`${runs.toLocaleString('en')} timelines keep every invariant, and end with everything delivered once`, async () => {
  await fc.assert(timelines, {
    numRuns: runs,
    ...(SEED !== undefined && { seed: Number(SEED) }),
    ...(TIMELINE !== undefined && { path: TIMELINE }),
  });
}, 120_000);
