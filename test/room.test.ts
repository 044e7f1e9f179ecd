import { expect, test } from 'vitest';
import { createRoom } from '../src/room.ts';

test('who leaves waits behind all others, also where they asked to come in again before those', async () => {
  const room = createRoom(1);
  const { signal } = new AbortController();
  const came: string[] = [];
  const enter = (name: string) => room.enter(name, signal).then(() => came.push(name));
  await enter('one');
  const all = [enter('one'), enter('other')];
  room.leave('one');
  await all[1];
  expect(came).toEqual(['one', 'other']);
  room.leave('other');
  await all[0];
  expect(came).toEqual(['one', 'other', 'one']);
});
