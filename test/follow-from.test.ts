import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  followFrom,
  type Positions,
  type SaveFailure,
  type SavingOptions,
  type StreamInput,
} from '../src/index.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';

let box: Simulator;
beforeEach(async () => {
  box = await createSimulator();
});
afterEach(() => box.stop());

/** Positions in memory, and each that was saved. */
function memory(kept: Record<string, string> = {}) {
  const saves: string[] = [];
  const positions: Positions = {
    load: async (userId) => kept[userId],
    async save(userId, streamPosition) {
      kept[userId] = streamPosition;
      saves.push(streamPosition);
    },
  };
  return { ...positions, kept, saves };
}

type Options = StreamInput & SavingOptions & { key?: string; limit?: number; signal?: AbortSignal };
const follow = (positions: Positions, options: Options = {}) =>
  followFrom(positions, { token: box.token, apiUrl: box.apiUrl, streamPosition: '0', ...options });
const publish = (count: number) => Array.from({ length: count }, () => box.publish().event_id);
const isHeld = () => box.until(() => box.heldPolls === 1);

/** Reads so many events, and then leaves by asking for one more and going away. */
async function read(events: Awaited<ReturnType<typeof follow>>, count: number) {
  const seen: unknown[] = [];
  const iterator = events[Symbol.asyncIterator]();
  while (seen.length < count) {
    const { value } = await iterator.next();
    seen.push(value?.event_id);
  }
  const pending = iterator.next();
  await isHeld();
  await iterator.return?.();
  await pending;
  return seen;
}

test('a loop goes on where the last one stopped, and starts at streamPosition when nothing is kept', async () => {
  const positions = memory();
  const first = publish(3);
  expect(await read(await follow(positions), 3)).toEqual(first);
  const second = publish(2);
  expect(await read(await follow(positions), 2)).toEqual(second);
  expect(positions.kept).toEqual({ me: box.positionOf() });
});

test('the position is kept under the userId, or under a key', async () => {
  const userId = box.users[0]?.id ?? '';
  const positions = memory({ changes: '0' });
  publish(1);
  await read(await follow(positions, { userId }), 1);
  await read(await follow(positions, { userId, key: 'changes', streamType: 'changes' }), 1);
  expect(positions.kept).toEqual({ [userId]: box.positionOf(), changes: box.positionOf() });
});

test.each([[17738362001 as never], ['']])('a key that is no name is refused: %j', async (key) => {
  await expect(follow(memory(), { key })).rejects.toThrow(/key must be the name/);
});

test('the position that now stands for is kept before the first event', async () => {
  const positions = memory();
  const iterator = (await follow(positions, { streamPosition: 'now' }))[Symbol.asyncIterator]();
  const pending = iterator.next();
  await isHeld();
  expect(positions.saves).toEqual([box.positionOf()]);
  await iterator.return?.();
  await pending;
});

test('a position is saved at most every saveEvery, and always at the end', async () => {
  const positions = memory();
  publish(10);
  await read(await follow(positions, { limit: 1, saveEvery: 3_600_000 }), 10);
  expect(positions.saves).toHaveLength(2);
  expect(positions.saves.at(-1)).toBe(box.positionOf());
});

test('pages are followed by their position, too, once the body asks for the next', async () => {
  const positions = memory();
  publish(2);
  const events = await follow(positions, { limit: 1, saveEvery: 0 });
  let before: string | undefined;
  let pages = 0;
  for await (const { streamPosition } of events.pages()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(positions.saves.at(-1)).toBe(before);
    before = streamPosition;
    if (++pages === 2) break;
  }
  expect(positions.saves.at(-1)).not.toBe(box.positionOf());
});

describe('what was in hand comes again', () => {
  test.each([
    ['break', async (_: AbortController) => 'break' as const],
    [
      'a throw in the body',
      async () => {
        throw new Error('The disk is full.');
      },
    ],
  ])('after %s, and nothing else does', async (_, leave) => {
    const positions = memory();
    const ids = publish(4);
    const seen: unknown[] = [];
    const body = async () => {
      for await (const { event_id } of await follow(positions, { limit: 2 })) {
        seen.push(event_id);
        if (seen.length === 4 && (await leave(new AbortController())) === 'break') break;
      }
    };
    await body().catch((error) => expect(error.message).toBe('The disk is full.'));
    expect(seen).toEqual(ids);
    expect(await read(await follow(positions, { limit: 2 }), 2)).toEqual(ids.slice(2));
  });

  test('after a signal unless the body got through with it', async () => {
    const positions = memory();
    const ids = publish(4);
    for (const lastHandled of [1, 3]) {
      const controller = new AbortController();
      const body = async () => {
        const events = await follow(positions, { limit: 2, signal: controller.signal });
        for await (const { event_id } of events) {
          if (event_id === ids[lastHandled]) controller.abort(new Error('shutting down'));
        }
      };
      await expect(body()).rejects.toThrow('shutting down');
    }
    expect(positions.kept.me).toBe(box.positionOf());
  });
});

describe('positions that cannot be', () => {
  const failing = (): Positions => ({
    load: async () => undefined,
    save: async () => {
      throw new Error('The disk is full.');
    },
  });

  test('loaded reject before anything is asked', async () => {
    const positions = { ...failing(), load: async () => Promise.reject(new Error('No route to host.')) };
    await expect(follow(positions)).rejects.toThrow(/^Cannot load the position of me: No route to host\.$/);
    await expect(follow({ ...positions, load: async () => 5 as never })).rejects.toThrow(/the number 5/);
    expect(box.requests).toHaveLength(0);
  });

  test('saved are told, and end the loop with an error when that goes on', async () => {
    publish(1);
    const failures: SaveFailure[] = [];
    const seen: unknown[] = [];
    const body = async () => {
      const onSaveError = (failure: SaveFailure) => failures.push(failure);
      for await (const event of await follow(failing(), { saveEvery: 1, onSaveError })) seen.push(event);
    };
    await expect(body()).rejects.toThrow(/^Cannot save the position of me, .*: The disk is full\.$/);
    expect(failures.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seen).toHaveLength(1);
    await box.until(() => box.heldPolls === 0);
  });

  test('saved at the end make the end an error, be it break, stop or a signal', async () => {
    publish(2);
    const controller = new AbortController();
    const ends = {
      break: () => true,
      stop: (events: Awaited<ReturnType<typeof follow>>) => events.actor.send({ type: 'stop' }),
      signal: () => controller.abort(new Error('shutting down')),
    };
    for (const end of Object.values(ends)) {
      const events = await follow(failing(), { limit: 1, signal: controller.signal });
      let count = 0;
      const body = async () => {
        for await (const _ of events) if (++count === 2 && end(events)) break;
      };
      await expect(body()).rejects.toThrow(/Cannot save the position of me/);
    }
  });

  test("saved at the end do not hide a failure of Box's", async () => {
    publish(1);
    let pages = 0;
    box.intercept = ({ kind }) => (kind === 'events' && ++pages > 1 ? { status: 403 } : undefined);
    const body = async () => {
      for await (const _ of await follow(failing(), { limit: 1 }));
    };
    await expect(body()).rejects.toMatchObject({ name: 'BoxError', status: 403 });
  });
});
