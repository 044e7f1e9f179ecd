import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BoxEventsForOptions,
  boxEventsFor,
  type Positions,
  type UserFailure,
  type UserOrId,
} from '../src/index.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';

let box: Simulator;
beforeEach(async () => {
  box = await createSimulator({ users: 200 });
});
afterEach(() => box.stop());

type Options = Pick<
  BoxEventsForOptions,
  'positions' | 'saveEvery' | 'onSaveError' | 'pagesInMemory' | 'signal' | 'startsPerSecond' | 'onFailed'
> & { limit?: number; token?: (request: { userId: string | undefined }) => string };

const loop = (users: Iterable<UserOrId>, { token, ...options }: Partial<Options> = {}) =>
  boxEventsFor({
    users,
    ...(token ? { token } : { token: box.serviceToken, asUser: true }),
    apiUrl: box.apiUrl,
    startsPerSecond: 1_000,
    onFailed: ({ userId, error }) => {
      throw new Error(`The stream of ${userId} failed.`, { cause: error });
    },
    ...options,
  });

const idOf = (index: number) => box.users[index]?.id ?? '';
const fromStart = (...indices: number[]) =>
  indices.map((index) => ({ userId: idOf(index), streamPosition: '0' }));
const everybody = () => box.users.map(({ id }) => ({ userId: id, streamPosition: '0' }));
const publish = (index: number, count = 1) =>
  Array.from({ length: count }, () => String(box.publish({}, { userId: idOf(index) }).event_id));
const requestsOf = (index: number, kind: string) =>
  box.requests.filter((request) => request.userId === idOf(index) && request.kind === kind);

/** Positions in memory. */
function memory(kept: Record<string, string> = {}) {
  let saves = 0;
  const positions: Positions = {
    load: async (userId) => kept[userId],
    async save(userId, streamPosition) {
      saves++;
      kept[userId] = streamPosition;
    },
  };
  return {
    positions,
    kept,
    get saves() {
      return saves;
    },
  };
}

/** Reads events until so many have come. */
async function read(events: ReturnType<typeof boxEventsFor>, count: number) {
  const seen: string[] = [];
  const iterator = events[Symbol.asyncIterator]();
  while (seen.length < count) {
    const { value } = await iterator.next();
    if (value) seen.push(`${value.userId} ${value.event.event_id}`);
  }
  // Whoever asks for more has handled what was given.
  const pending = iterator.next();
  await new Promise((resolve) => setImmediate(resolve));
  await iterator.return?.();
  await pending;
  return seen;
}

describe('following', () => {
  test('the events of all come with their users, each user’s in order, what waited and what happens live', async () => {
    const expected = [0, 1, 2].map((index) => publish(index, 3).map((id) => `${idOf(index)} ${id}`));
    const seen: string[] = [];
    void box
      .until(() => box.heldPolls === 3)
      .then(() => expected[1]?.push(...publish(1, 1).map((id) => `${idOf(1)} ${id}`)));
    for await (const { userId, event } of loop(fromStart(0, 1, 2), { limit: 2 })) {
      if (seen.push(`${userId} ${event.event_id}`) === 10) break;
    }
    for (const [index, events] of expected.entries()) {
      expect(seen.filter((line) => line.startsWith(idOf(index)))).toEqual(events);
    }
  });

  test('200 users are followed through faults, one of whom is revoked, and nothing is lost', async () => {
    box.setFault({ what: 'status', status: 503, every: 17 });
    box.setFault({ what: 'resetInBody', on: 'events', every: 13 });
    box.setFault({ what: 'revokeToken', userId: idOf(17) });
    for (let index = 0; index < 200; index++) publish(index, 2);
    const failures: UserFailure[] = [];
    const seen = new Set<string>();
    const tokens = new Map(box.users.map(({ id, token }) => [id, token]));
    const stopWhenDone = () => {
      if (seen.size === 398 && failures.length === 1) events.actor.send({ type: 'stop' });
    };
    const events = loop(everybody(), {
      token: ({ userId }) => tokens.get(userId ?? '') ?? '',
      onFailed: (failure) => {
        failures.push(failure);
        stopWhenDone();
      },
    });
    for await (const { userId, event } of events) {
      seen.add(`${userId} ${event.event_id}`);
      stopWhenDone();
    }
    expect(failures).toEqual([
      { userId: idOf(17), error: expect.objectContaining({ name: 'BoxError', status: 401 }) },
    ]);
    expect([...seen].some((line) => line.startsWith(idOf(17)))).toBe(false);
  }, 30_000);

  test('a page comes with its user, and an empty one when the position alone moved', async () => {
    const pages = [];
    const events = loop([idOf(0)]);
    void box.until(() => box.heldPolls === 1).then(() => publish(0));
    for await (const { userId, events: page, streamPosition } of events.pages()) {
      expect(streamPosition).toBe(box.positionOf(userId));
      if (pages.push([userId, page.length]) === 2) break;
    }
    expect(pages).toEqual([
      [idOf(0), 0],
      [idOf(0), 1],
    ]);
  });

  test.each([
    [64, 5],
    [3, 3],
  ])(
    'with room for %i pages, %i of five users have a page in memory while one is being handled',
    async (pagesInMemory, fetched) => {
      const everyone = [0, 1, 2, 3, 4];
      const ids = everyone.flatMap((index) => publish(index, 4));
      const seen: unknown[] = [];
      for await (const { event } of loop(fromStart(...everyone), { limit: 2, pagesInMemory })) {
        if (seen.push(event.event_id) === 1) {
          await box.until(() => everyone.every((index) => requestsOf(index, 'servers')[0]?.over));
          await box.until(() => box.report.requests.events >= fetched);
          // What more would be fetched had its time.
          await new Promise((resolve) => setTimeout(resolve, 20));
          expect(
            everyone
              .map((index) => requestsOf(index, 'events').length)
              .sort()
              .reverse(),
          ).toEqual([...Array(fetched).fill(1), ...Array(5 - fetched).fill(0)]);
        }
        if (seen.length === 20) break;
      }
      expect(seen.toSorted()).toEqual(ids.toSorted());
    },
  );

  test.each([64, 1])(
    'a backlog of 20 pages takes turns with the others’ events, with room for %i pages',
    async (pagesInMemory) => {
      publish(0, 40);
      const others = [1, 2, 3, 4, 5];
      for (const index of others) publish(index);
      const order: string[] = [];
      for await (const { userId } of loop(fromStart(0, ...others), { limit: 2, pagesInMemory })) {
        order.push(userId);
        if (order.length === 45) break;
      }
      // As soon as they are started, one page of the backlog at most comes between two others.
      const before = order.slice(0, order.lastIndexOf(idOf(5))).filter((userId) => userId === idOf(0));
      expect(before.length).toBeLessThanOrEqual(2 * (others.length + 2));
      expect(order.filter((userId) => userId === idOf(0))).toHaveLength(40);
    },
  );
});

describe('the room for a page', () => {
  test('is given back by a user whose fetch fails, and by one who goes while waiting for it', async () => {
    for (const index of [0, 1, 2]) publish(index);
    box.setFault({ what: 'status', status: 503, on: 'events', userId: idOf(0), nth: 1 });
    const events = loop(fromStart(0, 1, 2, 3), { pagesInMemory: 1 });
    const stopped: string[] = [];
    events.actor.on('stopped', ({ userId }) => stopped.push(userId));
    const seen: string[] = [];
    for await (const { userId } of events) {
      if (seen.push(userId) === 3) break;
      if (seen.length > 1) continue;
      await box.until(() => requestsOf(2, 'servers')[0]?.over === true);
      events.unfollow(idOf(3));
      await expect.poll(() => stopped).toEqual([idOf(3)]);
    }
    expect(seen).toEqual([idOf(1), idOf(2), idOf(0)]);
    expect(requestsOf(3, 'events')).toEqual([]);
  });

  test('is given back by a user whose stream fails', async () => {
    publish(1);
    box.setFault({ what: 'status', status: 403, on: 'events', userId: idOf(0) });
    const failed: string[] = [];
    const onFailed = ({ userId }: UserFailure) => void failed.push(userId);
    const [seen] = await read(loop(fromStart(0, 1), { pagesInMemory: 1, onFailed }), 1);
    expect([failed, seen?.split(' ')[0]]).toEqual([[idOf(0)], idOf(1)]);
  });

  test('is kept in half for the others when users hang whose last fetch has failed', async () => {
    const hanging = [0, 1].map((index) => ({ on: 'events', userId: idOf(index) }) as const);
    const failing = hanging.map((users) => box.setFault({ what: 'status', ...users }));
    const events = loop(fromStart(0, 1, 2), { pagesInMemory: 2 });
    const seen = read(events, 1);
    await box.until(() => [0, 1].every((index) => requestsOf(index, 'events')[0]?.over));
    for (const lift of failing) await lift();
    for (const users of hanging) box.setFault({ what: 'silence', ...users });
    await box.until(() => [0, 1].every((index) => requestsOf(index, 'servers')[1]?.over));
    await box.until(() => [0, 1].some((index) => requestsOf(index, 'events').length === 2));
    const [id] = publish(2);
    expect(await seen).toEqual([`${idOf(2)} ${id}`]);
  });
});

describe('coming and going', () => {
  test('a user who comes is followed, and one who goes is not, while the loop runs', async () => {
    publish(0);
    const events = loop(fromStart(0));
    const seen: string[] = [];
    for await (const { userId } of events) {
      seen.push(userId);
      if (seen.length === 1) {
        await events.follow({ userId: idOf(1), streamPosition: '0' });
        publish(1);
      }
      if (seen.length === 2) {
        events.unfollow(idOf(0));
        await box.until(() => requestsOf(0, 'poll').every(({ over }) => over));
        publish(0);
        publish(1);
      }
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([idOf(0), idOf(1), idOf(1)]);
  });

  test.each(['after they are gone', 'while their page is in hand'])(
    'a user who comes back %s goes on where they were, though no position is kept',
    async (when) => {
      const ids = publish(0, 2);
      const events = loop(fromStart(0), { limit: 1 });
      const comeBack = () => {
        ids.push(...publish(0));
        void events.follow(idOf(0));
      };
      const seen: unknown[] = [];
      for await (const { event } of events) {
        if (seen.push(event.event_id) === 3) break;
        if (seen.length !== 2) continue;
        events.unfollow(idOf(0));
        if (when === 'after they are gone') events.actor.on('stopped', comeBack);
        else comeBack();
      }
      expect(seen).toEqual(ids);
    },
  );

  test('a user who comes back with a position starts there', async () => {
    const [id] = publish(0);
    const events = loop(fromStart(0));
    events.actor.on('stopped', () => void events.follow({ userId: idOf(0), streamPosition: '0' }));
    const seen: unknown[] = [];
    for await (const { event } of events) {
      if (seen.push(event.event_id) === 2) break;
      events.unfollow(idOf(0));
    }
    expect(seen).toEqual([id, id]);
  });

  test('a user can come and go before the loop begins, and nothing is asked until then', async () => {
    publish(0);
    publish(1);
    const events = loop(fromStart(0));
    await events.follow({ userId: idOf(1), streamPosition: '0' });
    events.unfollow(idOf(0));
    expect(box.requests).toEqual([]);
    expect((await read(events, 1))[0]).toContain(idOf(1));
    expect(requestsOf(0, 'servers')).toEqual([]);
  });

  test('a user who goes has the page in hand handled first', async () => {
    const ids = publish(0, 2);
    const events = loop(fromStart(0));
    const stopped: string[] = [];
    events.actor.on('stopped', ({ streamPosition }) => stopped.push(streamPosition));
    const seen: unknown[] = [];
    for await (const { event } of events) {
      seen.push(event.event_id);
      events.unfollow(idOf(0));
      if (seen.length === 2) events.actor.send({ type: 'stop' });
    }
    expect(seen).toEqual(ids);
    expect(stopped).toEqual([box.positionOf(idOf(0))]);
  });

  test('a user who goes while their position is being loaded is not followed', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const positions = { load: () => promise, save: async () => {} };
    const events = loop([], { positions });
    const iterator = events[Symbol.asyncIterator]();
    const pending = iterator.next();
    const followed = events.follow(idOf(0));
    events.unfollow(idOf(0));
    resolve('0');
    await followed;
    expect(events.actor.getSnapshot().context).toMatchObject({ waiting: [], following: [] });
    await iterator.return?.();
    await pending;
    expect(box.requests).toEqual([]);
  });

  test('the loop waits for users while there are none, and a user who comes after it is over is ignored', async () => {
    const events = loop([]);
    const iterator = events[Symbol.asyncIterator]();
    const pending = iterator.next();
    publish(0);
    await events.follow({ userId: idOf(0), streamPosition: '0' });
    expect((await pending).value?.userId).toBe(idOf(0));
    await iterator.return?.();
    await events.follow(idOf(1));
    events.unfollow(idOf(0));
    expect(requestsOf(1, 'servers')).toEqual([]);
  });
});

describe('a user whose stream fails for good', () => {
  test('misses nothing when followed again, though no position is kept', async () => {
    const ids = publish(0);
    const events = loop(fromStart(0), { onFailed: () => comeBack() });
    const comeBack = () => {
      ids.push(...publish(0));
      void lifted?.().then(() => events.follow(idOf(0)));
    };
    let lifted: (() => Promise<void>) | undefined;
    const seen: unknown[] = [];
    for await (const { event } of events) {
      if (seen.push(event.event_id) === 2) break;
      lifted = box.setFault({ what: 'status', status: 403, userId: idOf(0) });
    }
    expect(seen).toEqual(ids);
  });

  test('is told, leaves the others alone, and can be followed again', async () => {
    publish(0);
    publish(1);
    const lifted = box.setFault({ what: 'status', status: 403, userId: idOf(0) });
    const failed: string[] = [];
    const onFailed = ({ userId }: UserFailure) => void failed.push(userId);
    const events = loop(fromStart(0, 1), { onFailed });
    const seen: string[] = [];
    for await (const { userId } of events) {
      seen.push(userId);
      if (seen.length === 2) break;
      await expect.poll(() => failed).toEqual([idOf(0)]);
      await lifted();
      await events.follow({ userId: idOf(0), streamPosition: '0' });
    }
    expect(seen).toEqual([idOf(1), idOf(0)]);
  });

  test('ends the loop when onFailed throws', async () => {
    box.setFault({ what: 'status', status: 403, userId: idOf(0) });
    const iterator = loop(fromStart(0, 1))[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toMatchObject({
      message: `The stream of ${idOf(0)} failed.`,
      cause: { name: 'BoxError', status: 403 },
    });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await box.until(() => box.heldPolls === 0);
  });

  test('ends the loop when onFailed rejects', async () => {
    box.setFault({ what: 'status', status: 403, userId: idOf(0) });
    const error = new Error('The database is gone.');
    const iterator = loop(fromStart(0, 1), { onFailed: async () => Promise.reject(error) })[
      Symbol.asyncIterator
    ]();
    await expect(iterator.next()).rejects.toBe(error);
    await box.until(() => box.heldPolls === 0);
  });

  test('may be one whose kept position is damaged', async () => {
    publish(1);
    const failures: UserFailure[] = [];
    const { positions } = memory({ [idOf(0)]: '1.15e18', [idOf(1)]: '0' });
    const events = loop([idOf(0), idOf(1)], { positions, onFailed: (failure) => failures.push(failure) });
    await read(events, 1);
    expect(failures).toEqual([
      { userId: idOf(0), error: expect.objectContaining({ message: expect.stringContaining('1.15e18') }) },
    ]);
  });
});

describe('ending', () => {
  const isLeft = () => box.until(() => box.heldPolls === 0);

  test('break stops every stream and aborts every request', async () => {
    publish(0);
    const events = loop(fromStart(0, 1, 2));
    for await (const _ of events) {
      await box.until(() => box.heldPolls === 2);
      break;
    }
    await isLeft();
    expect(events.actor.getSnapshot().status).toBe('stopped');
  });

  test('return() while the loop waits ends it', async () => {
    const iterator = loop(fromStart(0, 1))[Symbol.asyncIterator]();
    const pending = iterator.next();
    await box.until(() => box.heldPolls === 2);
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await isLeft();
  });

  test('a throw in the body reaches the caller', async () => {
    publish(0);
    const body = async () => {
      for await (const _ of loop(fromStart(0, 1))) throw new Error('mine');
    };
    await expect(body()).rejects.toThrow('mine');
    await isLeft();
  });

  test('a signal ends the loop with its reason, at once, also while positions are being loaded', async () => {
    const controller = new AbortController();
    const positions = { load: () => new Promise<string>(() => {}), save: async () => {} };
    const iterator = loop([idOf(0)], { signal: controller.signal, positions })[Symbol.asyncIterator]();
    const pending = iterator.next();
    controller.abort(new Error('shutting down'));
    await expect(pending).rejects.toThrow('shutting down');
    const late = loop([idOf(0)], { signal: controller.signal })[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toThrow('shutting down');
    expect(box.requests).toEqual([]);
  });

  test('stop ends the loop after the pages in hand', async () => {
    publish(0, 3);
    const events = loop(fromStart(0, 1), { positions: memory().positions });
    let seen = 0;
    for await (const _ of events) if (++seen === 1) events.actor.send({ type: 'stop' });
    expect(seen).toBe(3);
    expect(events.actor.getSnapshot().output?.positions).toContainEqual({
      userId: idOf(0),
      streamPosition: box.positionOf(idOf(0)),
    });
  });

  test('a second iteration is refused', () => {
    const events = loop([]);
    events[Symbol.asyncIterator]();
    expect(() => events.pages()[Symbol.asyncIterator]()).toThrow(/Call boxEventsFor\(\) again/);
  });
});

describe('positions', () => {
  test('are saved for each user at the end, and the next loop goes on there', async () => {
    const kept = memory();
    for (const index of [0, 1]) publish(index, 2);
    await read(loop(fromStart(0, 1), { positions: kept.positions, saveEvery: 3_600_000 }), 4);
    expect(kept.kept).toEqual({ [idOf(0)]: box.positionOf(idOf(0)), [idOf(1)]: box.positionOf(idOf(1)) });
    const [next] = publish(1);
    expect(await read(loop(fromStart(0, 1), { positions: kept.positions }), 1)).toEqual([
      `${idOf(1)} ${next}`,
    ]);
  });

  test('of now are saved before the first event', async () => {
    const kept = memory();
    const iterator = loop([idOf(0), idOf(1)], { positions: kept.positions, saveEvery: 1 })[
      Symbol.asyncIterator
    ]();
    const pending = iterator.next();
    await expect.poll(() => Object.keys(kept.kept)).toHaveLength(2);
    await iterator.return?.();
    await pending;
  });

  test('move when a page was handled: what was in hand at a break, a throw or an abort comes again', async () => {
    const kept = memory({ [idOf(0)]: '0' });
    const ids = publish(0, 4);
    const ends = {
      break: () => true,
      throw: () => {
        throw new Error('The disk is full.');
      },
      abort: (controller: AbortController) => controller.abort(new Error('shutting down')),
    };
    for (const [name, end] of Object.entries(ends)) {
      kept.kept[idOf(0)] = '0';
      const controller = new AbortController();
      const body = async () => {
        const events = loop([idOf(0)], { positions: kept.positions, limit: 2, signal: controller.signal });
        for await (const { event } of events) if (event.event_id === ids[2] && end(controller)) break;
      };
      await body().catch((error) => expect(error.message).toMatch(/disk is full|shutting down/));
      const seen = await read(loop([idOf(0)], { positions: kept.positions }), 2);
      expect(seen, name).toEqual(ids.slice(2).map((id) => `${idOf(0)} ${id}`));
    }
  });

  test('include that of the page which the body got through with after an abort', async () => {
    const kept = memory();
    const ids = publish(0, 2);
    const controller = new AbortController();
    const body = async () => {
      const events = loop(fromStart(0), { positions: kept.positions, signal: controller.signal });
      for await (const { event } of events)
        if (event.event_id === ids[1]) controller.abort(new Error('enough'));
    };
    await expect(body()).rejects.toThrow('enough');
    expect(kept.kept).toEqual({ [idOf(0)]: box.positionOf(idOf(0)) });
  });

  test('of a user who goes and comes back go on where they were', async () => {
    const kept = memory();
    publish(0, 2);
    const events = loop(fromStart(0), { positions: kept.positions, saveEvery: 3_600_000, limit: 1 });
    const seen: unknown[] = [];
    let last: unknown;
    for await (const { event } of events) {
      if (seen.push(event.event_id) !== 2) {
        if (event.event_id === last) break;
        continue;
      }
      events.unfollow(idOf(0));
      events.actor.on('stopped', () => {
        [last] = publish(0);
        void events.follow(idOf(0));
      });
    }
    expect(seen).toEqual(box.eventsOf(idOf(0)).map(({ event_id }) => event_id));
  });

  test('of a user who goes and comes back at once go on after the page in hand', async () => {
    const { positions } = memory();
    const ids = publish(0, 2);
    const events = loop(fromStart(0), { positions, limit: 1 });
    const seen: unknown[] = [];
    for await (const { event } of events) {
      if (seen.push(event.event_id) === 3) break;
      if (seen.length !== 2) continue;
      events.unfollow(idOf(0));
      await events.follow(idOf(0));
      ids.push(...publish(0));
    }
    expect(seen).toEqual(ids);
  });

  test('that cannot be loaded end the loop before anything is asked', async () => {
    const positions = { load: async () => Promise.reject(new Error('No route.')), save: async () => {} };
    const iterator = loop([idOf(0)], { positions })[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow(`Cannot load the position of ${idOf(0)}: No route.`);
    const running = loop([], { positions });
    const other = running[Symbol.asyncIterator]();
    const pending = other.next();
    await expect(running.follow(idOf(0))).rejects.toThrow('No route.');
    await other.return?.();
    await pending;
    expect(box.requests).toEqual([]);
  });

  test('that cannot be saved end the loop with an error, at the latest at its end', async () => {
    publish(0, 2);
    const attempts: number[] = [];
    const positions = {
      load: async () => undefined,
      save: async () => Promise.reject(new Error('The disk is full.')),
    };
    const options = {
      positions,
      saveEvery: 1,
      onSaveError: ({ attempt }: { attempt: number }) => void attempts.push(attempt),
    };
    const goingOn = async () => {
      for await (const _ of loop(fromStart(0), options));
    };
    await expect(goingOn()).rejects.toThrow(/^Cannot save the position of .*: The disk is full\.$/);
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const end of ['break', 'abort']) {
      const controller = new AbortController();
      const ending = async () => {
        let count = 0;
        for await (const _ of loop(fromStart(0), { ...options, limit: 1, signal: controller.signal })) {
          if (++count < 2) continue;
          if (end === 'break') break;
          controller.abort(new Error('shutting down'));
        }
      };
      await expect(ending(), end).rejects.toThrow(/^Cannot save the position of/);
    }
  });
});

test.each([
  [{ users: '123' }, /users must be a list of ids/],
  [{ users: 5 }, /users must be a list of ids/],
  [{ users: [5] }, /userId/],
  [{ users: [null] }, /A user to follow must be an id/],
  [{ users: [''] }, /userId must be the id of a Box user/],
  [{ users: [{ userId: '1', streamPosition: 5 }] }, /must be a string, not the number 5/],
  [{ onFailed: undefined }, /onFailed must be a function/],
  [{ pagesInMemory: 0 }, /pagesInMemory must be a whole number from 1/],
  [{ startsPerSecond: 0 }, /startsPerSecond/],
  [{ saveEvery: -1, positions: memory().positions }, /saveEvery/],
  [{ positions: {} }, /must have load\(\) and save\(\)/],
  [{ streamType: 'admin_logs' }, /does not announce/],
  [{ asUser: false }, /One token is one user: set asUser/],
])('%j is refused before anything is asked', async (wrong, message) => {
  const options = { users: ['1'], token: 'x', asUser: true, onFailed: () => {}, ...wrong };
  expect(() => boxEventsFor(options as never)).toThrow(message);
  await expect(
    boxEventsFor({ users: [], token: 'x', asUser: true, onFailed: () => {} }).follow(''),
  ).rejects.toThrow(/userId must be the id/);
});
