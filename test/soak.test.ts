import { expect, test } from 'vitest';
import { growthIn } from './soak/growth.ts';
import { createLedger } from './soak/ledger.ts';

const steady = { heap: 50_000_000, rss: 200_000_000, spareHandles: 300 };
const samplesOf = (...changes: object[]) => changes.map((change) => ({ ...steady, ...change }));

test('nothing grows where all stays as it is, or grows while it warms up', () => {
  const warmingUp = [{ heap: 1, rss: 1, spareHandles: 1 }, { heap: 2 }, { heap: 3 }];
  expect(growthIn(samplesOf(...warmingUp, {}, {}, {}, {}, {}, {}))).toEqual([]);
});

test.each(['heap', 'rss'] as const)('a leak in %s is told, and no other', (what) => {
  const leaking = Array.from({ length: 10 }, (_, index) => ({ [what]: steady[what] * (1 + index / 20) }));
  expect(growthIn(samplesOf(...leaking))).toEqual([expect.stringMatching(`^${what} grew by`)]);
});

test('handles may come and go, but not pile up', () => {
  const restless = Array.from({ length: 9 }, (_, index) => ({ spareHandles: index % 2 ? 1_300 : 300 }));
  expect(growthIn(samplesOf(...restless))).toEqual([]);
  const piling = restless.map(({ spareHandles }, index) => ({ spareHandles: spareHandles + 60 * index }));
  expect(growthIn(samplesOf(...piling))).toEqual([expect.stringMatching('^handles grew')]);
});

test('a few samples prove nothing', () => {
  expect(growthIn(samplesOf({}, {}, {}, {}, {}))).toEqual([expect.stringContaining('too few')]);
});

test('events that came are counted once, those that came again beside', () => {
  const ledger = createLedger(2);
  for (const number of [1, 2, 2, 1, 3]) ledger.take(0, number);
  ledger.take(1, 1);
  expect([ledger.delivered, ledger.duplicates, ledger.gaps]).toEqual([4, 2, 0]);
  expect(ledger.missing([3, 1])).toBe(0);
});

test('what did not come is missing, in between and at the end', () => {
  const ledger = createLedger(2);
  for (const number of [1, 3, 5]) ledger.take(0, number);
  expect(ledger.gaps).toBe(2);
  expect(ledger.missing([6, 2])).toBe(5);
  for (const number of [4, 2]) ledger.take(0, number);
  expect([ledger.gaps, ledger.duplicates]).toEqual([0, 0]);
});

test('what a stream repeats that began anew is no duplicate, what it repeats of itself is one', () => {
  const ledger = createLedger(1);
  for (const number of [1, 2]) ledger.take(0, number);
  ledger.beginAnew(0);
  for (const number of [2, 3, 3]) ledger.take(0, number);
  expect([ledger.delivered, ledger.duplicates]).toEqual([3, 1]);
});

test('an event that nobody published is an error', () => {
  expect(() => createLedger(1).take(1, 1)).toThrow();
  expect(() => createLedger(1).take(0, Number.NaN)).toThrow();
});
