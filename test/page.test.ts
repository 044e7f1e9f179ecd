import { expect, test } from 'vitest';
import { readPage, withRecent } from '../machines/page.ts';
import { event } from './support/pure-chart.ts';

const answer = (streamPosition: string | undefined, ids: string[], isFull = false) => ({
  events: ids.map(event),
  streamPosition,
  isFull,
});

test('events seen before are dropped, from earlier pages and within one, and the order stays', () => {
  const page = readPage(answer('6', ['c', 'a', 'b', 'c']), '5', ['a']);
  expect(page.events).toEqual([event('c'), event('b')]);
});

test('an event without an id is never taken for a duplicate', () => {
  const nameless = [{ type: 'event' }, { type: 'event' }, { type: 'event', event_id: null as never }];
  const page = readPage(
    { events: [...nameless, nameless[2] as never], streamPosition: '6', isFull: false },
    '5',
    [],
  );
  expect(page.events).toHaveLength(4);
  expect(withRecent([], page.events, 10)).toEqual([]);
});

test.each([undefined, '0', '000'])('position %s moves no stream', (position) => {
  expect(readPage(answer(position, ['a']), '5', []).streamPosition).toBe('5');
});

test('a page is full only when its position moved', () => {
  expect(readPage(answer('6', ['a'], true), '5', []).isFull).toBe(true);
  expect(readPage(answer('5', ['a'], true), '5', []).isFull).toBe(false);
});

test('news is a new event with an id and a moved position', () => {
  expect(readPage(answer('6', ['a']), '5', []).hasNews).toBe(true);
  expect(readPage(answer('5', ['a']), '5', []).hasNews).toBe(false);
  expect(readPage(answer('6', ['a']), '5', ['a']).hasNews).toBe(false);
  expect(readPage({ events: [{ type: 'event' }], streamPosition: '6', isFull: false }, '5', []).hasNews).toBe(
    false,
  );
});

test('the window keeps the youngest ids', () => {
  expect(withRecent(['a', 'b'], [event('c'), event('d')], 3)).toEqual(['b', 'c', 'd']);
});

test('an id that fell out of the window is forgotten, also after many pages', () => {
  let recent: readonly string[] = [];
  for (let number = 0; number < 50; number++) recent = withRecent(recent, [event(String(number))], 3);
  expect(recent).toEqual(['47', '48', '49']);
  expect(readPage(answer('6', ['46', '47']), '5', recent).events).toEqual([event('46')]);
});

test('an older window can still be asked: snapshots are values', () => {
  const older = withRecent([], [event('a')], 10);
  withRecent(older, [event('b')], 10);
  expect(readPage(answer('6', ['a', 'b']), '5', older).events).toEqual([event('b')]);
});
