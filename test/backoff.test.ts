import { expect, test } from 'vitest';
import { backoffDelay } from '../machines/backoff.ts';

test('a delay lies between half of and all of 1 s doubled by each attempt', () => {
  expect(backoffDelay(1, undefined, 0)).toBe(500);
  expect(backoffDelay(1, undefined, 1)).toBe(1_000);
  expect(backoffDelay(4, undefined, 0)).toBe(4_000);
  expect(backoffDelay(4, undefined, 1)).toBe(8_000);
});

test('a delay never exceeds 30 s, after any number of attempts', () => {
  expect(backoffDelay(10_000, undefined, 1)).toBe(30_000);
});

test('Retry-After is a minimum, with up to a second more, doubled by each attempt up to 30 s', () => {
  expect(backoffDelay(1, 9_000, 0)).toBe(9_000);
  expect(backoffDelay(1, 9_000, 1)).toBe(10_000);
  expect(backoffDelay(4, 9_000, 0)).toBe(9_000);
  expect(backoffDelay(4, 9_000, 1)).toBe(17_000);
  expect(backoffDelay(10_000, 9_000, 1)).toBe(39_000);
});

test('a short Retry-After does not shorten the growing delay', () => {
  expect(backoffDelay(6, 0, 1)).toBe(30_000);
});

test('a Retry-After beyond 24 h counts as 24 h', () => {
  expect(backoffDelay(1, 1e12, 0)).toBe(86_400_000);
});
