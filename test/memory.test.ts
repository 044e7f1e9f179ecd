import { expect, test } from 'vitest';
import { readEvents } from '../src/answers.ts';
import { heapInUse } from './support/heap.ts';

const megabyte = 1024 * 1024;

test('a position that is kept does not keep the page that it came with', async () => {
  const page = (position: bigint) =>
    `{"next_stream_position":${position},"entries":[{"type":"event","name":"${'x'.repeat(megabyte)}"}]}`;
  const before = await heapInUse();
  const positions = Array.from(
    { length: 30 },
    (_, index) =>
      readEvents(page(1152922976252290886n + BigInt(index)), { limit: 500, asked: '0' }).streamPosition,
  );
  expect((await heapInUse()) - before).toBeLessThan(10 * megabyte);
  expect(positions.at(-1)).toBe('1152922976252290915');
});
