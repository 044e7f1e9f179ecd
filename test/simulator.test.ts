import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createClock,
  createSimulator,
  type SimulatorOptions,
  userEventTypes,
} from '../src/simulator/index.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: SimulatorOptions = {}) => {
  const box = await createSimulator(options);
  closing.push(() => box.stop());
  const ask = (path: string, init: RequestInit = {}, token = box.token) =>
    fetch(`${box.apiUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const servers = async (query = '') =>
    (await (await ask(`/events${query}`, { method: 'OPTIONS' })).json()).entries;
  const page = async (query: string) => (await ask(`/events?${query}`)).text();
  const poll = async (position = box.positionOf(), query = '') => {
    const [{ url }] = await servers(query);
    return fetch(`${url}&stream_position=${position}`);
  };
  return { box, ask, servers, page, poll };
};

describe('the API', () => {
  test("the list of servers has Box's shape, and a channel of its own for each server and each asking", async () => {
    const { servers } = await start({ realtimeServers: 2 });
    const lists = [await servers(), await servers()];
    expect(lists[0]).toMatchObject([
      { type: 'realtime_server', ttl: '10', max_retries: '10', retry_timeout: 610 },
      { type: 'realtime_server' },
    ]);
    const urls = lists.flat().map(({ url }) => url);
    expect(new Set(urls).size).toBe(4);
    for (const url of urls)
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/subscribe\?channel=\w+&stream_type=all$/);
  });

  test('a page has events after the position, at most limit of them, and the position to read on', async () => {
    const { box, page } = await start({ positionType: 'string' });
    const ids = [1, 2, 3].map(() => box.publish().event_id);
    const first = JSON.parse(await page('stream_position=0&limit=2'));
    expect(first.entries.map(({ event_id }: { event_id: string }) => event_id)).toEqual(ids.slice(0, 2));
    const second = JSON.parse(await page(`stream_position=${first.next_stream_position}`));
    expect(second).toMatchObject({
      chunk_size: 1,
      entries: [{ event_id: ids[2] }],
      next_stream_position: box.positionOf(),
    });
  });

  test('positions are of 64 bits: neighbours are the same double, and as a number they are written without loss', async () => {
    const { box, page } = await start();
    box.publish();
    expect(BigInt(box.positionOf())).toBeGreaterThan(2n ** 53n);
    expect(await page('stream_position=now')).toContain(`"next_stream_position":${box.positionOf()},`);
  });

  test('a limit above 500 counts as 500, and none as 100', async () => {
    const { box, page } = await start();
    for (let count = 0; count < 600; count++) box.publish({ source: null });
    expect(JSON.parse(await page('stream_position=0&limit=9999')).entries).toHaveLength(500);
    expect(JSON.parse(await page('stream_position=0')).entries).toHaveLength(100);
  });

  test.each([
    ['stream_position=soon', 400],
    ['stream_position=99999999999999999999', 400],
    ['limit=many', 400],
    ['stream_type=admin_logs', 400],
    ['stream_type=nonsense', 400],
  ])("%s is answered with %i, in Box's words", async (query, status) => {
    const { ask } = await start();
    const answer = await ask(`/events?${query}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ type: 'error', status, code: 'bad_request' });
  });

  test('a wrong token, and none, are answered with 401, an empty body and www-authenticate', async () => {
    const { ask, box } = await start();
    for (const answer of [await ask('/events', {}, 'wrong'), await fetch(`${box.apiUrl}/events`)]) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(await answer.text()).toBe('');
    }
  });

  test('the service token acts for any user through as-user, and no other token does', async () => {
    const { box, ask } = await start({ users: 3 });
    const userId = box.users[2]?.id ?? '';
    box.publish({}, { userId });
    const asUser = { headers: { 'as-user': userId } };
    const answer = await ask('/events?stream_position=0', asUser, box.serviceToken);
    expect((await answer.json()).entries).toHaveLength(1);
    expect((await ask('/events', asUser)).status).toBe(403);
    expect((await ask('/events', { headers: { 'as-user': '5' } }, box.serviceToken)).status).toBe(403);
  });

  test('changes has what changes the tree, all has everything, sync what lies in a synced folder', async () => {
    const { box, page } = await start();
    box.publish({ event_type: 'ITEM_PREVIEW' });
    box.publish({ event_type: 'ITEM_SYNC', source: { type: 'folder', id: '7' } });
    box.publish({ event_type: 'ITEM_UPLOAD', source: { type: 'file', id: '8', parent: { id: '7' } } });
    box.publish({ event_type: 'ITEM_UPLOAD', source: { type: 'file', id: '9', parent: { id: '1' } } });
    const count = async (streamType: string) =>
      JSON.parse(await page(`stream_position=0&stream_type=${streamType}`)).entries.length;
    expect([await count('all'), await count('changes'), await count('sync')]).toEqual([4, 3, 2]);
  });

  test('a token can be had for client credentials, for a user and for the enterprise', async () => {
    const { box, ask } = await start({ users: 2 });
    const grant = async (form: Record<string, string>) =>
      (
        await fetch(`${box.url}/oauth2/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: box.application.clientId,
            client_secret: box.application.clientSecret,
            ...form,
          }),
        })
      ).json();
    const userId = box.users[1]?.id ?? '';
    const forUser = await grant({ box_subject_type: 'user', box_subject_id: userId });
    expect(forUser).toMatchObject({ token_type: 'bearer', expires_in: 3_600 });
    expect((await ask('/events', {}, forUser.access_token)).status).toBe(200);
    const forAll = await grant({
      box_subject_type: 'enterprise',
      box_subject_id: box.application.enterpriseId,
    });
    expect((await ask('/events', { headers: { 'as-user': userId } }, forAll.access_token)).status).toBe(200);
    expect(await grant({ box_subject_type: 'user', box_subject_id: '5' })).toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('the realtime servers', () => {
  const said = async (answer: Promise<Response>) => (await answer).json();

  test('a poll is held until something happens, and its connection is closed after the answer', async () => {
    const { box, poll } = await start();
    const held = poll();
    await box.until(() => box.heldPolls === 1);
    box.publish();
    const answer = await held;
    expect(answer.headers.get('connection')).toBe('close');
    expect(await answer.json()).toEqual({ version: 1, message: 'new_change' });
  });

  test('what happened before the poll is announced at once', async () => {
    const { box, poll } = await start();
    const before = box.positionOf();
    box.publish();
    expect(await said(poll(before))).toMatchObject({ message: 'new_change' });
  });

  test('what is not in the stream wakes nobody', async () => {
    const { box, poll } = await start();
    const held = poll(undefined, '?stream_type=changes');
    await box.until(() => box.heldPolls === 1);
    box.publish({ event_type: 'ITEM_PREVIEW' });
    expect(box.heldPolls).toBe(1);
    box.publish({ event_type: 'ITEM_UPLOAD' });
    expect(await said(held)).toMatchObject({ message: 'new_change' });
  });

  test("after a silence the answer is reconnect, by the simulator's clock", async () => {
    const clock = createClock();
    const { box, poll } = await start({ clock, reconnectAfter: 60_000 });
    const held = poll();
    await box.until(() => box.heldPolls === 1);
    clock.advance(59_999);
    expect(box.heldPolls).toBe(1);
    clock.advance(1);
    expect(await said(held)).toMatchObject({ message: 'reconnect' });
  });

  test('a channel that was polled once more than max_retries is used up', async () => {
    const { box, servers } = await start({ maxRetries: 1 });
    const before = box.positionOf();
    box.publish();
    const [{ url }] = await servers();
    const answers = [];
    for (let turn = 0; turn < 3; turn++)
      answers.push((await (await fetch(`${url}&stream_position=${before}`)).json()).message);
    expect(answers).toEqual(['new_change', 'new_change', 'max_retries']);
  });

  test('now is refused with 400, an unknown channel with 404, both without a body', async () => {
    const { poll, servers } = await start();
    const [{ url }] = await servers();
    const answers = [await poll('now'), await fetch(url.replace(/channel=\w+/, 'channel=old'))];
    expect(answers.map(({ status }) => status)).toEqual([400, 404]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['', '']);
  });

  test('ten thousand polls are held, and all of them woken', async () => {
    const { box, servers } = await start({ maxRetries: 10_000 });
    const [{ url }] = await servers();
    const script = fileURLToPath(new URL('support/polls-process.ts', import.meta.url));
    const polling = spawn(process.execPath, [script, `${url}&stream_position=${box.positionOf()}`, '10000'], {
      stdio: 'inherit',
    });
    await box.until(() => box.heldPolls === 10_000);
    box.publish();
    expect(await once(polling, 'exit')).toEqual([0, null]);
  }, 30_000);
});

describe('what happens', () => {
  test.each(userEventTypes)('%s is told as Box tells it', async (event_type) => {
    const { box } = await start();
    const event = box.publish({ event_type });
    expect(event).toMatchObject({
      type: 'event',
      event_type,
      event_id: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(Date.parse(String(event.created_at))).not.toBeNaN();
  });

  test('given fields win, and a field given as undefined is left out', async () => {
    const { box } = await start();
    const event = box.publish({ event_id: undefined, session_id: null, extra: 1 });
    expect(event).not.toHaveProperty('event_id');
    expect(event).toMatchObject({ session_id: null, extra: 1 });
  });

  test('traffic is the same for the same seed, and another for another', async () => {
    const work = async (seed: number) => {
      const clock = createClock(0);
      const { box } = await start({ clock });
      box.startTraffic({ seed, eventsPerMinute: 60 });
      clock.advance(300_000);
      return box
        .eventsOf()
        .map(({ event_type, source }) => `${event_type} ${JSON.stringify(source)?.length}`);
    };
    const [once, again, other] = [await work(1), await work(1), await work(2)];
    expect(once.length).toBeGreaterThan(150);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  test('traffic moves, renames and trashes only what is there', async () => {
    const clock = createClock();
    const { box } = await start({ clock });
    box.startTraffic({ eventsPerMinute: 120 });
    clock.advance(600_000);
    const trashed = new Set<string>();
    for (const { event_type, source } of box.eventsOf()) {
      const { id = '' } = (source ?? {}) as { id?: string };
      if (event_type === 'ITEM_UNDELETE_VIA_TRASH') trashed.delete(id);
      if (['ITEM_MOVE', 'ITEM_RENAME', 'ITEM_PREVIEW', 'ITEM_TRASH'].includes(String(event_type)))
        expect(trashed.has(id)).toBe(false);
      if (event_type === 'ITEM_TRASH') trashed.add(id);
    }
    expect(trashed.size).toBeGreaterThan(0);
  });
});

describe('starting and stopping', () => {
  test('stop frees the port, ends held polls and traffic, and can be said twice', async () => {
    const { box, poll } = await start();
    box.startTraffic({ eventsPerMinute: 60_000 });
    const held = poll('1152999999999999999').catch(() => 'ended');
    await box.until(() => box.heldPolls === 1);
    await Promise.all([box.stop(), box.stop()]);
    expect(await held).toBe('ended');
    const again = await start({ port: Number(new URL(box.url).port) });
    expect(again.box.url).toBe(box.url);
  });

  test('a port that is taken is an error', async () => {
    const { box } = await start();
    await expect(createSimulator({ port: Number(new URL(box.url).port) })).rejects.toThrow(/EADDRINUSE/);
  });
});
