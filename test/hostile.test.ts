import { afterEach, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import type { BoxEvent } from '../machines/box-event.ts';
import { follow, simulatedBox } from './support/stream.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A stream from position 1 whose first page is `text`, and whose further ones are empty. */
const streamOf = async (text: string) => {
  const surroundings = await simulatedBox();
  const { box } = surroundings;
  let pages = 0;
  box.intercept = ({ kind }) =>
    kind === 'events'
      ? { status: 200, body: pages++ === 0 ? text : '{"entries":[],"next_stream_position":"2"}' }
      : undefined;
  const stream = follow(surroundings, { streamPosition: '1' });
  closing.push(
    () => stream.actor.stop(),
    () => box.stop(),
  );
  return { ...surroundings, stream };
};
const pageOf = (...entries: string[]) => `{"entries":[${entries.join(',')}],"next_stream_position":"2"}`;

test('a page of 100 MB is delivered', async () => {
  const { stream } = await streamOf(
    pageOf(`{"type":"event","event_id":"a","text":"${'x'.repeat(100_000_000)}"}`),
  );
  await waitFor(stream.actor, () => stream.delivered.length === 1);
  expect(stream.position).toBe('2');
}, 20_000);

test('an event nested a hundred thousand deep is delivered, and the stream goes on', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const { stream } = await streamOf(
    pageOf(`{"type":"event","event_id":"a","source":${deep}}`, '{"event_id":"b"}'),
  );
  await stream.rests();
  expect(stream.ids()).toEqual(['a', 'b']);
});

test('an event that is null is left out, and the others are delivered', async () => {
  const { stream } = await streamOf(pageOf('null', '{"event_id":"a"}', 'null'));
  await stream.rests();
  expect(stream.ids()).toEqual(['a']);
});

test('names that mean something to JavaScript mean nothing here', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const { stream } = await streamOf(
    pageOf(
      ...names.map((name) => `{"event_id":"${name}","event_type":"${name}","${name}":{"polluted":true}}`),
    ),
  );
  await stream.rests();
  expect(stream.ids()).toEqual(names);
  expect(Object.hasOwn(stream.delivered[0] as BoxEvent, '__proto__')).toBe(true);
  expect({}).not.toHaveProperty('polluted');
});

test('a position of now in an answer is a failure that may pass, and the stream stays where it was', async () => {
  const { stream } = await streamOf('{"entries":[{"event_id":"a"}],"next_stream_position":"now"}');
  await stream.reaches('backingOff');
  expect(stream.retries()).toMatchObject([
    { error: { message: expect.stringContaining('no decimal number') } },
  ]);
  expect(stream.position).toBe('1');
});
