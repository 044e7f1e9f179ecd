import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BoxEvent } from '../machines/box-event.ts';
import { type BoxEventsOptions, boxEvents, createServices, type StreamInput } from '../src/index.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';

let box: Simulator;
let token: string;
beforeEach(async () => {
  box = await createSimulator();
  token = box.token;
});
afterEach(() => box.stop());

const loop = (options: StreamInput & { limit?: number; signal?: AbortSignal } = {}) =>
  boxEvents({ token, apiUrl: box.apiUrl, streamPosition: '0', ...options });
const publish = (count: number) => Array.from({ length: count }, () => box.publish().event_id);
const isHeld = () => box.until(() => box.heldPolls === 1);
const isLeft = () => box.until(() => box.heldPolls === 0);
const pagesFetched = () => box.requests.filter(({ kind }) => kind === 'events').length;

describe('iterating', () => {
  test('the events that wait come first, in order, and then what happens live', async () => {
    const ids = publish(5);
    void isHeld().then(() => ids.push(...publish(2)));
    const seen: unknown[] = [];
    for await (const { event_id } of loop({ limit: 2 })) if (seen.push(event_id) === 7) break;
    expect(seen).toEqual(ids);
  });

  test('the position is that before the page until the last event of the page, which has the one after it', async () => {
    publish(4);
    const events = loop({ limit: 3 });
    const positions = [events.streamPosition];
    for await (const _ of events) if (positions.push(events.streamPosition) === 5) break;
    const [first, second] = [positions[3], positions[4]];
    expect(positions).toEqual(['0', '0', '0', first, second]);
    expect(second).toBe(box.positionOf());
  });

  test('a stream that is stopped after any event and started at its position misses nothing', async () => {
    const ids = publish(7);
    for (let stopAfter = 1; stopAfter <= 7; stopAfter++) {
      const seen: unknown[] = [];
      const first = loop({ limit: 3 });
      for await (const { event_id } of first) if (seen.push(event_id) === stopAfter) break;
      const second = loop({ limit: 3, streamPosition: first.streamPosition });
      if (stopAfter < 7)
        for await (const { event_id } of second) if (seen.push(event_id) && event_id === ids.at(-1)) break;
      expect([...new Set(seen)]).toEqual(ids);
    }
  });

  test('pages come with the position after them, and an empty one when the position alone moved', async () => {
    const events = loop({ streamPosition: 'now' });
    const pages = [];
    void isHeld().then(() => publish(1));
    for await (const { events: page, streamPosition } of events.pages()) {
      expect(events.streamPosition).toBe(streamPosition);
      if (pages.push([page.length, streamPosition]) === 2) break;
    }
    expect(pages.map(([length]) => length)).toEqual([0, 1]);
    expect(pages[1]?.[1]).toBe(box.positionOf());
  });

  test('no page comes when Box announced something and had nothing', async () => {
    box.setFault({ what: 'newChange', nth: 1 });
    void box.until(() => pagesFetched() === 2).then(() => publish(1));
    for await (const { events } of loop({ streamPosition: box.positionOf() }).pages()) {
      expect(events).toHaveLength(1);
      break;
    }
  });

  test('the position that now stands for is known before the first event', async () => {
    const events = loop({ streamPosition: 'now' });
    const next = events[Symbol.asyncIterator]();
    const pending = next.next();
    await isHeld();
    expect(events.streamPosition).toBe(box.positionOf());
    await next.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  test('one page is in hand, and one more is fetched ahead of a slow body', async () => {
    publish(10);
    let seen = 0;
    for await (const _ of loop({ limit: 2 })) {
      seen++;
      const expected = Math.ceil(seen / 2) + 1;
      await box.until(() => pagesFetched() >= expected);
      await box.until(() => box.requests.every(({ over }) => over));
      await new Promise((resolve) => setImmediate(resolve));
      expect(pagesFetched()).toBe(expected);
      if (seen === 10) break;
    }
  });

  test('a second iteration is refused', async () => {
    const events = loop();
    events[Symbol.asyncIterator]();
    expect(() => events[Symbol.asyncIterator]()).toThrow(/Call boxEvents\(\) again/);
    expect(() => events.pages()[Symbol.asyncIterator]()).toThrow(/Call boxEvents\(\) again/);
  });

  test('services can be shared by streams', async () => {
    const services = createServices({ token: box.serviceToken, asUser: true, apiUrl: box.apiUrl });
    publish(1);
    const userId = box.users[0]?.id ?? '';
    for (let stream = 0; stream < 2; stream++) {
      const events = boxEvents({ services, userId, streamPosition: '0' });
      for await (const { event_id } of events) {
        expect(event_id).toBe(box.eventsOf(userId)[0]?.event_id);
        break;
      }
    }
  });
});

describe('ending', () => {
  test('break, with a poll held or not, aborts and stops the actor', async () => {
    publish(1);
    const events = loop();
    for await (const _ of events) break;
    expect(events.actor.getSnapshot().status).toBe('stopped');
    expect(box.requests.map(({ kind }) => kind)).toEqual(['servers', 'events']);
  });

  test('a throw in the body reaches the caller, and stops the actor', async () => {
    publish(1);
    const events = loop();
    const body = async () => {
      for await (const _ of events) throw new Error('mine');
    };
    await expect(body()).rejects.toThrow('mine');
    expect(events.actor.getSnapshot().status).toBe('stopped');
  });

  test('return() while the loop waits aborts the poll, and ends it', async () => {
    const iterator = loop()[Symbol.asyncIterator]();
    const pending = iterator.next();
    await isHeld();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await isLeft();
  });

  test('an aborted signal aborts the poll, and rejects with its reason, once', async () => {
    const controller = new AbortController();
    const iterator = loop({ signal: controller.signal })[Symbol.asyncIterator]();
    const pending = iterator.next();
    await isHeld();
    controller.abort(new Error('shutting down'));
    await expect(pending).rejects.toThrow('shutting down');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await isLeft();
  });

  test('a signal that was aborted before asks nothing', async () => {
    const iterator = loop({ signal: AbortSignal.abort(new Error('too late')) })[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('too late');
    expect(box.requests).toEqual([]);
  });

  test('a signal aborted in the body keeps the rest of the page unread, and uncommitted', async () => {
    const controller = new AbortController();
    publish(3);
    const events = loop({ signal: controller.signal });
    const seen: BoxEvent[] = [];
    const body = async () => {
      for await (const event of events) {
        seen.push(event);
        controller.abort(new Error('enough'));
      }
    };
    await expect(body()).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
    expect(events.streamPosition).toBe('0');
    expect(events.actor.getSnapshot().context.streamPosition).toBe('0');
  });

  test('stop ends the loop after the page in hand', async () => {
    publish(3);
    const events = loop();
    let seen = 0;
    for await (const _ of events) {
      if (++seen === 1) events.actor.send({ type: 'stop' });
    }
    expect(seen).toBe(3);
    expect(events.actor.getSnapshot()).toMatchObject({
      status: 'done',
      output: { streamPosition: events.streamPosition },
    });
  });

  test('an error that will not pass rejects the loop', async () => {
    box.intercept = () => ({ status: 403, body: { code: 'insufficient_scope' } });
    await expect(loop()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: 'BoxError',
      status: 403,
      code: 'insufficient_scope',
    });
  });

  test.each([
    [{ streamPosition: 5 as never }, /must be a string, not the number 5/],
    [{ streamPosition: 'soon' }, /'now' or a decimal string/],
    [{ streamType: 'admin_logs' as never }, /does not announce/],
    [{ streamType: 'everything' as never }, /'all', 'changes' or 'sync'/],
    [{ userId: '' }, /userId/],
    [{ recent: [5] as never }, /recent/],
    [{ recentSize: 0 }, /recentSize/],
    [{ asUser: true } as never, /asUser needs the userId/],
  ])('%j is refused before anything is asked', (options: StreamInput, message) => {
    expect(() => boxEvents({ token, ...options } satisfies BoxEventsOptions)).toThrow(message);
  });

  test('options that were forgotten are asked for', () => {
    expect(() => boxEvents(undefined as never)).toThrow(
      new TypeError('boxEvents() needs options, at least a token: boxEvents({ token }).'),
    );
  });

  test.each(['break', 'throw', 'abort'])(
    'a program that leaves its loop by %s ends within a second',
    async (ending) => {
      publish(1);
      const script = fileURLToPath(new URL('support/loop-process.ts', import.meta.url));
      const child = spawn(process.execPath, [script, token, box.apiUrl, ending], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      void isHeld().then(() => publish(1));
      let leftAt = Number.NaN;
      for await (const line of createInterface(child.stdout)) if (line === 'left') leftAt = performance.now();
      await once(child, 'exit').catch(() => {});
      expect(performance.now() - leftAt).toBeLessThan(1_000);
      expect(child.exitCode).toBe(0);
    },
  );
});
