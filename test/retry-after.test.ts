import { expect, test } from 'vitest';
import { readRetryAfter } from '../src/retry-after.ts';

const now = Date.UTC(2000, 0, 1);
const read = (headers: Record<string, string>) => readRetryAfter(new Headers(headers), now);

test.each([
  ['9', 9_000],
  ['0', 0],
  ['1.5', 1_500],
  [' 7 ', 7_000],
])('"%s" is seconds', (value, milliseconds) => {
  expect(read({ 'Retry-After': value })).toBe(milliseconds);
});

test('a date counts against the Date of the answer, so that no clock needs to be right', () => {
  const headers = { date: 'Mon, 01 Jun 1998 00:00:00 GMT', 'retry-after': 'Mon, 01 Jun 1998 00:00:30 GMT' };
  expect(read(headers)).toBe(30_000);
});

test('a date without a Date counts against this clock, and one that has passed is no wait', () => {
  expect(read({ 'retry-after': 'Sat, 01 Jan 2000 00:00:05 GMT' })).toBe(5_000);
  expect(read({ 'retry-after': 'Fri, 31 Dec 1999 00:00:00 GMT' })).toBe(0);
});

test.each(['', 'soon', '-5', '9s'])('"%s" says nothing', (value) => {
  expect(read({ 'retry-after': value })).toBeUndefined();
});
