import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withDeadline } from '../src/deadline.ts';

test('nothing stays on the signal once the work is done, which may outlive a million of them', async () => {
  const { signal } = new AbortController();
  await withDeadline(1_000, signal, async () => 'done');
  await expect(withDeadline(1_000, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a signal that was aborted before rejects with its reason, and the work hears of it', async () => {
  let heard: unknown;
  const work = (signal: AbortSignal) => {
    heard = signal.reason;
    return new Promise<never>(() => {});
  };
  await expect(withDeadline(1_000, AbortSignal.abort('enough'), work)).rejects.toBe('enough');
  expect(heard).toBe('enough');
});
