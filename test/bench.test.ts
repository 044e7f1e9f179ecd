import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { regressions } from '../bench/check.ts';
import { clientNames } from '../bench/client-names.ts';
import type { CreateClient } from '../bench/clients/client.ts';
import { readmeWith } from '../bench/readme.ts';
import { readResults } from '../bench/results.ts';
import type { Row } from '../bench/row.ts';
import { HeldPolls } from '../bench/servers/held-polls.ts';
import { ReadyPages } from '../bench/servers/ready-pages.ts';
import { sampleEvents } from '../bench/servers/sample-events.ts';
import { median, quantile } from '../bench/statistics.ts';
import { tableOf } from '../bench/table.ts';
import { createSimulator } from '../src/simulator/index.ts';

// What is compared must do the same work.
test.each(clientNames)('the client %s gets every event, what waits and what comes', async (name) => {
  const { createClient }: { createClient: CreateClient } = await import(`../bench/clients/${name}.ts`);
  const box = await createSimulator({ positionType: 'string' });
  for (let waiting = 0; waiting < 3; waiting++) box.publish();
  let arrived = 0;
  createClient(box.url).listen(box.token, '0', () => {
    arrived++;
  });
  await box.until(() => box.heldPolls === 1);
  expect(arrived).toBe(3);
  box.publish();
  await box.until(() => box.heldPolls === 0);
  await box.until(() => box.heldPolls === 1);
  expect(arrived).toBe(4);
  await box.stop();
});

test('ready-made pages are pages as Box words them, and no event is left out or repeated', async () => {
  const pages = new ReadyPages(await sampleEvents(60), 250);
  const read = (from: number, to: number) => JSON.parse(pages.page(from, to).join(''));
  const first = read(0, 100);
  expect(Object.keys(first)).toEqual(['chunk_size', 'next_stream_position', 'entries']);
  expect(pages.indexOf(first.next_stream_position)).toBe(100);
  const events = [...first.entries, ...read(100, 250).entries];
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(250);
  expect(read(250, 250)).toMatchObject({ chunk_size: 0, entries: [] });
});

test('a wave answers each held poll once, and ends when all are held again', async () => {
  const polls = new HeldPolls();
  let answers = 0;
  const comeBack = async (times: number) => {
    for (; times > 0; times--) {
      await polls.hold();
      answers++;
    }
    void polls.hold();
  };
  for (let client = 0; client < 90; client++) void comeBack(1);
  await polls.wave();
  expect(answers).toBe(90);
});

test('medians and quantiles', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => index),
      0.99,
    ),
  ).toBe(99);
});

const row: Row = {
  name: 'drain',
  says: '',
  measures: [
    { name: 'rate', says: 'events a second', unit: '/s', isGain: true },
    { name: 'cpu', says: 'CPU an event', unit: 'µs' },
  ],
  clients: ['floor', 'loop'],
  runs: 5,
  run: async () => ({}),
};

test('what became worse by more than a quarter, beside the floor of its own run, is told', () => {
  const kept = { floor: { rate: 1_000, cpu: 10 }, loop: { rate: 900, cpu: 11 } };
  const slowerMachine = { floor: { rate: 500, cpu: 20 }, loop: { rate: 450, cpu: 22 } };
  expect(regressions(row, kept, slowerMachine)).toEqual([]);
  const worse = { floor: { rate: 1_000, cpu: 10 }, loop: { rate: 700, cpu: 14 } };
  expect(regressions(row, kept, worse)).toEqual([
    'drain, box-events, loop: events a second was 0.90, and is 0.70.',
    'drain, box-events, loop: CPU an event was 1.10, and is 1.40.',
  ]);
});

test('the table says what the floor takes, and how many times that the others do', () => {
  const table = tableOf({
    drain: { floor: { rate: 70_000, cpu: 12.4 }, loop: { rate: 63_000, cpu: 14.88 } },
  });
  expect(table).toContain('| drain: events a second | 70,000 /s | 0.90 × |');
  expect(table).toContain('| drain: CPU an event | 12.4 µs | 1.20 × |');
});

test('the README shows the results that are kept', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(await readmeWith(await readResults()));
});
