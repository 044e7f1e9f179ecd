import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { shareWork } from '../src/shared-work.ts';

test('what was given up does not take its successor along when it ends', async () => {
  const begun: PromiseWithResolvers<string>[] = [];
  const share = shareWork(() => {
    const work = Promise.withResolvers<string>();
    begun.push(work);
    return work.promise;
  });
  const controller = new AbortController();
  const givenUp = share('key', controller.signal);
  controller.abort();
  const second = share('key');
  begun[0]?.reject(new Error('given up'));
  await expect(givenUp).rejects.toThrow('given up');
  const third = share('key');
  begun[1]?.resolve('once');
  expect(await Promise.all([second, third])).toEqual(['once', 'once']);
  expect(begun).toHaveLength(2);
});

test('nothing stays on the signal of who has what was asked for', async () => {
  const { signal } = new AbortController();
  const share = shareWork(async (key) => key);
  expect(await share('key', signal)).toBe('key');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
