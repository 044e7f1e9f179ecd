import { expect, test } from 'vitest';
import { resumeFrom } from '../machines/resume-from.ts';
import { event, mayPass, pureChart } from './support/pure-chart.ts';

const input = {
  streamPosition: '5',
  userId: '7',
  streamType: 'changes',
  recent: ['a'],
  recentSize: 3,
} as const;

test.each([
  ['the start', () => pureChart(input)],
  ['a poll', () => pureChart(input).poll()],
  [
    'a delivery',
    () =>
      pureChart(input)
        .servers()
        .page('6', [event('b')]),
  ],
  ['a back-off', () => pureChart(input).fails('fetchServers')],
  ['a pause', () => pureChart(input).send('pause')],
  ['its end', () => pureChart(input).send('stop')],
  ['an error', () => pureChart(input).fails('fetchServers', new Error('no'))],
])('a snapshot of %s, as JSON or not, gives the input to go on with', (_, at) => {
  const { snapshot } = at();
  expect(resumeFrom(snapshot)).toEqual(input);
  expect(resumeFrom(JSON.parse(JSON.stringify(snapshot)))).toEqual(input);
});

test('what was delivered is in the input, what was only on its way is not', () => {
  const chart = pureChart(input)
    .servers()
    .page('6', [event('b')])
    .delivered();
  chart.answer('newChange').page('7', [event('c')]);
  expect(resumeFrom(chart.snapshot)).toMatchObject({ streamPosition: '6', recent: ['a', 'b'] });
});

test('of more recent ids than are to be kept, the youngest are', () => {
  expect(pureChart({ recent: ['a', 'b', 'a', 'c', 'd'], recentSize: 2 }).snapshot.context.recent).toEqual([
    'c',
    'd',
  ]);
});

test('an actor that goes on asks at once, whatever back-off was due', () => {
  const { snapshot } = pureChart(input).fails('fetchServers', mayPass(60_000));
  expect(pureChart(resumeFrom(snapshot)).state).toBe('fetchingServers');
});

test.each([null, undefined, 'text', {}, { context: null }, { context: { streamPosition: '5' } }, []])(
  '%j is refused: it is no snapshot of the machine',
  (thing) => {
    expect(() => resumeFrom(thing)).toThrow(/takes a snapshot of boxEventsMachine/);
  },
);
