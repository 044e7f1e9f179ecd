import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Positions } from '../src/positions/positions.ts';
import { createSaver, type SaveFailure, type SavingOptions } from '../src/positions/saver.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A saver over a memory that fails as long as it is told to. */
function watchedSaver(options: SavingOptions = {}) {
  const saves: string[] = [];
  const failures: SaveFailure[] = [];
  const givenUp: unknown[] = [];
  const store = { fails: false, hangs: false };
  const positions: Positions = {
    load: async () => undefined,
    async save(userId, streamPosition) {
      if (store.hangs) await new Promise(() => {});
      if (store.fails) throw new Error('The disk is full.');
      saves.push(`${userId}:${streamPosition}`);
    },
  };
  const onSaveError = (failure: SaveFailure) => failures.push(failure);
  const saver = createSaver(positions, { onSaveError, ...options }, (error) => givenUp.push(error));
  return { saver, saves, failures, givenUp, store };
}

/** Lets time pass, and everything that waits for no more than that. */
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('a position is saved at once, and the newest of those that follow as soon as saveEvery has passed', async () => {
  const { saver, saves } = watchedSaver();
  saver.note('1', '5');
  await pass(0);
  expect(saves).toEqual(['1:5']);
  saver.note('1', '6');
  saver.note('1', '7');
  await pass(999);
  expect(saves).toEqual(['1:5']);
  await pass(1);
  expect(saves).toEqual(['1:5', '1:7']);
  await pass(60_000);
  expect(saves).toHaveLength(2);
  saver.note('1', '8');
  await pass(0);
  expect(saves).toEqual(['1:5', '1:7', '1:8']);
});

test('those of several users are saved together', async () => {
  const { saver, saves } = watchedSaver({ saveEvery: 50 });
  saver.note('1', '5');
  saver.note('2', '6');
  saver.note('3', '7');
  await pass(50);
  expect(saves).toEqual(['1:5', '2:6', '3:7']);
});

test('what is noted while another is being saved is saved next', async () => {
  const { saver, saves } = watchedSaver();
  saver.note('1', '5');
  saver.note('1', '6');
  await pass(1_000);
  expect(saves.at(-1)).toBe('1:6');
  expect(saver.unsaved('1')).toBeUndefined();
});

test('closing saves the rest at once, and leaves no timer behind', async () => {
  const { saver, saves } = watchedSaver({ saveEvery: 3_600_000 });
  saver.note('1', '5');
  await pass(0);
  saver.note('1', '6');
  await saver.close();
  expect(saves).toEqual(['1:5', '1:6']);
  expect(vi.getTimerCount()).toBe(0);
  await saver.close();
  expect(saves).toHaveLength(2);
});

describe('a save that fails', () => {
  test('is told, and tried again with the newest position, later each time', async () => {
    const { saver, saves, failures, store } = watchedSaver();
    store.fails = true;
    saver.note('1', '5');
    await pass(0);
    expect(failures).toEqual([{ userIds: ['1'], error: new Error('The disk is full.'), attempt: 1 }]);
    saver.note('1', '6');
    await pass(1_000);
    await pass(1_999);
    expect(failures).toHaveLength(2);
    await pass(1);
    expect(failures).toHaveLength(3);
    store.fails = false;
    await pass(4_000);
    expect(saves).toEqual(['1:6']);
    saver.note('1', '7');
    await pass(1_000);
    expect(saves).toEqual(['1:6', '1:7']);
  });

  test('does not keep those of others from being saved', async () => {
    const saved: string[] = [];
    const save = async (userId: string) => {
      if (userId === '1') throw new Error('No such row.');
      saved.push(userId);
    };
    const failures: SaveFailure[] = [];
    const positions = { load: async () => undefined, save };
    const saver = createSaver(positions, { onSaveError: (failure) => failures.push(failure) }, () => {});
    saver.note('1', '5');
    saver.note('2', '5');
    await pass(1_000);
    expect(saved).toEqual(['2']);
    expect(failures.at(-1)?.userIds).toEqual(['1']);
  });

  test('six times in a row is given up with an error that says whose position it is and why, and not before', async () => {
    const { saver, failures, givenUp, store } = watchedSaver();
    store.fails = true;
    saver.note('1', '5');
    await pass(0);
    saver.note('2', '5');
    await pass(15_000);
    expect([failures.length, givenUp.length]).toEqual([5, 0]);
    await pass(16_000);
    expect(failures).toHaveLength(6);
    expect(givenUp).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/^Cannot save the position of 1 and 1 more, .*: The disk is full\.$/),
        cause: failures.at(-1)?.error,
      }),
    ]);
  });

  test('counts from the beginning after one that did not', async () => {
    const { saver, failures, givenUp, store } = watchedSaver({ saveEvery: 1 });
    for (let round = 0; round < 3; round++) {
      store.fails = true;
      saver.note('1', String(round));
      await pass(20);
      expect(failures.at(-1)?.attempt).toBe(5);
      store.fails = false;
      await pass(20);
    }
    expect(givenUp).toEqual([]);
  });

  test('at the end is told by the end', async () => {
    const { saver, failures, store } = watchedSaver();
    store.fails = true;
    saver.note('1', '5');
    await pass(0);
    await expect(saver.close()).rejects.toThrow(/Cannot save the position of 1, .*: The disk is full\./);
    expect(failures).toHaveLength(2);
  });

  test('is one that takes half a minute, too, so that the end does not wait for ever', async () => {
    const { saver, failures, store } = watchedSaver();
    store.hangs = true;
    saver.note('1', '5');
    const closed = expect(saver.close()).rejects.toThrow(/Cannot save the position of 1/);
    await pass(30_000);
    await closed;
    expect(failures).toHaveLength(1);
  });

  test.each([
    [
      'throws',
      (error: Error) => {
        throw error;
      },
    ],
    ['rejects', (error: Error) => Promise.reject(error)],
  ])('told to a function that %s ends with that', async (_, fail) => {
    const error = new Error('enough');
    const onSaveError = () => fail(error);
    const { saver, givenUp, store } = watchedSaver({ onSaveError });
    store.fails = true;
    saver.note('1', '5');
    await pass(0);
    expect(givenUp).toEqual([error]);
  });
});

test.each([[-1], [Number.NaN], [2 ** 31], ['1' as never]])('saveEvery %s is refused', (saveEvery) => {
  expect(() => watchedSaver({ saveEvery })).toThrow(/saveEvery must be milliseconds/);
});

test('what has no load and save is refused', () => {
  for (const wrong of [undefined, {}, { load: async () => undefined }, 'positions.json']) {
    expect(() => createSaver(wrong as never, {}, () => {})).toThrow(/must have load\(\) and save\(\)/);
  }
});
