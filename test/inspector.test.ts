import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AnyStateNode, fromPromise, waitFor } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { boxEventsFor } from '../src/index.ts';
import { attachInspector } from '../src/inspector/index.ts';
import { Recent } from '../src/inspector/recent.ts';
import { transitionId } from '../src/inspector/step.ts';
import { readChart } from '../visualizations/drawing/chart.ts';
import { ask, inspectedStream, tokenOf, updatesUntil } from './support/inspector.ts';

let seen: Awaited<ReturnType<typeof inspectedStream>>;

beforeEach(async () => {
  seen = await inspectedStream();
  await seen.stream.reaches('polling');
});
afterEach(() => seen[Symbol.asyncDispose]());

const isActive = () => seen.stream.actor.getSnapshot().status === 'active';

const pending = <O, I>() => fromPromise<O, I>(() => new Promise(() => {}));

describe('the page', () => {
  test('allows no script and no style but its own, and no frame around it', async () => {
    const { headers, text } = await ask(seen.inspector.url);
    const policy = String(headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/<style|<script(?![^>]*src=)|\sstyle="|\son\w+="|https?:\/\/(?!www\.w3\.org)/);
  });

  test('answers to the names of this machine only, as a name that was made to lead here shows', async () => {
    const { port } = new URL(seen.inspector.url);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      '0.0.0.0',
    ]) {
      expect(await ask(seen.inspector.url, { headers: { host } }), host).toMatchObject({ status: 403 });
      expect(await ask(`${seen.inspector.url}/updates`, { headers: { host } })).toMatchObject({
        status: 403,
      });
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost:9999']) {
      expect(await ask(seen.inspector.url, { headers: { host } }), host).toMatchObject({ status: 200 });
    }
  });

  test('is read by no other page', async () => {
    const site = { 'sec-fetch-site': 'cross-site' };
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, site]) {
      for (const path of ['/', '/updates', '/style.css', '/browser/main.ts']) {
        expect(await ask(seen.inspector.url + path, { headers }), path).toMatchObject({ status: 403 });
      }
    }
  });

  test('may be led to by a link', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(await ask(seen.inspector.url, { headers })).toMatchObject({ status: 200 });
    const frame = { ...headers, 'sec-fetch-dest': 'iframe' };
    expect(await ask(seen.inspector.url, { headers: frame })).toMatchObject({ status: 403 });
  });

  test.each(['/browser/../server.ts', '/browser/..%2fserver.ts', '/etc/passwd', '/browser/none.ts', '/act'])(
    'gives nothing but its own files: not %s',
    async (path) => {
      expect(await ask(seen.inspector.url + path)).toMatchObject({ status: 404 });
    },
  );
});

describe('an action', () => {
  const stop = JSON.stringify({ do: 'stop', stream: '1' });
  const json = { 'content-type': 'application/json' };

  test('needs the token of the page, its origin, and JSON', async () => {
    const { url } = seen.inspector;
    const token = { 'x-inspector-token': await tokenOf(url) };
    const act = (headers: Record<string, string>) =>
      ask(`${url}/act`, { method: 'POST', body: stop, headers });
    expect(await act({ ...json, origin: url })).toMatchObject({ status: 403 });
    expect(await act({ ...json, origin: url, 'x-inspector-token': 'x'.repeat(32) })).toMatchObject({
      status: 403,
    });
    expect(await act({ ...json, origin: url, 'x-inspector-token': 'é'.repeat(32) })).toMatchObject({
      status: 403,
    });
    expect(await act({ ...json, ...token })).toMatchObject({ status: 403 });
    expect(await act({ ...json, ...token, origin: 'http://evil.example' })).toMatchObject({ status: 403 });
    expect(await act({ ...token, origin: url, 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(isActive()).toBe(true);
    expect(await act({ ...json, ...token, origin: url })).toMatchObject({ status: 204 });
    expect(isActive()).toBe(false);
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('is not done by %s', async (method) => {
    const { url } = seen.inspector;
    const headers = { ...json, origin: url, 'x-inspector-token': await tokenOf(url) };
    const { status } = await ask(`${url}/act?do=stop&stream=1`, {
      method,
      headers,
      body: method === 'GET' ? '' : stop,
    });
    expect(status).toBe(method === 'GET' ? 404 : 405);
    expect(isActive()).toBe(true);
  });

  test.each([
    '{}',
    'null',
    'no JSON',
    '{"do":"destroy","stream":"1"}',
    '{"do":"stop"}',
    '{"do":"stop","stream":"7"}',
    '{"do":"fault","fault":"none","isOn":true}',
    '{"do":"restart","stream":"1"}',
    `{"do":"stop","stream":"1","more":"${'x'.repeat(20_000)}"}`,
  ])('that cannot be done is told to be so: %.40s', async (body) => {
    const { url } = seen.inspector;
    const headers = { ...json, origin: url, 'x-inspector-token': await tokenOf(url) };
    expect(await ask(`${url}/act`, { method: 'POST', headers, body })).toMatchObject({ status: 400 });
    expect(isActive()).toBe(true);
  });
});

describe('what the page is told', () => {
  test('holds no token and no channel, whatever happens', async () => {
    const { url } = seen.inspector;
    seen.box.publish();
    await expect.poll(() => seen.stream.delivered.length).toBe(1);
    const updates = await updatesUntil(`${url}/updates`, (all) =>
      all.some(({ open }) => (open?.steps.length ?? 0) > 5),
    );
    const said = JSON.stringify(updates) + (await ask(url)).text;
    const channels = seen.box.requests.flatMap((request) => /channel=([^&]+)/.exec(request.url)?.[1] ?? []);
    expect(channels.length).toBeGreaterThan(0);
    for (const secret of [...channels, seen.box.token, seen.box.serviceToken])
      expect(said).not.toContain(secret);
    expect(said).toContain('/subscribe?(hidden)');
  });

  test('is first all that is known, and then only what changes', async () => {
    const { url } = seen.inspector;
    const updates = updatesUntil(`${url}/updates`, (all) =>
      all.some(({ rows }) => rows[0]?.state === 'paused'),
    );
    seen.stream.actor.send({ type: 'pause' });
    const steps = (await updates).flatMap(({ open }) => open?.steps ?? []);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.at(-1)).toMatchObject({
      event: 'pause',
      state: 'paused',
      transitions: ['boxEvents pause 0'],
    });
  });
});

test('each transition has the same name for the inspector as on the drawing', () => {
  const within = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states).flatMap(within),
  ];
  const ids = within(boxEventsMachine.root)
    .flatMap((node) => [...node.transitions.values(), node.always ?? []].flat())
    .map(transitionId);
  expect(ids).toEqual(readChart(boxEventsMachine).transitions.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('an inspector that is closed hears no more of the stream, which runs on', async () => {
  const inspect = vi.spyOn(seen.stream.actor.system, 'inspect');
  const other = await attachInspector(seen.stream.actor);
  const [subscription] = inspect.mock.results.map(({ value }) => vi.spyOn(value, 'unsubscribe'));
  await other.close();
  expect(subscription).toHaveBeenCalledOnce();
  await expect(fetch(other.url)).rejects.toThrow();
  seen.box.publish();
  await expect.poll(() => seen.stream.delivered.length).toBe(1);
});

test('several streams are shown by the name that they are given, or by the user whom they follow', async () => {
  const inspector = await attachInspector([seen.stream.actor]);
  inspector.attach(seen.stream.actor, 'by name');
  const [update] = await updatesUntil(`${inspector.url}/updates?stream=2`, (all) => all.length > 0);
  expect(update?.rows.map(({ name }) => name)).toEqual(['stream 1', 'by name']);
  expect(update?.open?.id).toBe('2');
  await inspector.close();
});

test('the streams of many users appear as they start, and go on in their place when a user comes back', async () => {
  const users = boxEventsFor({
    users: [],
    services: { fetchServers: pending(), longPoll: pending(), fetchEvents: pending() },
    startsPerSecond: 1_000,
    onFailed: () => {},
  });
  const { actor } = users;
  const inspector = await attachInspector(actor, { restart: () => seen.stream.actor });
  const over = users[Symbol.asyncIterator]().next();
  const rows = async () => {
    const [update] = await updatesUntil(`${inspector.url}/updates`, (all) => all.length > 0);
    return update?.rows.map(({ name, status, canRestart }) => [name, status, canRestart]);
  };
  expect(await rows()).toEqual([]);
  for (const id of ['17', '18']) await users.follow(id);
  await waitFor(actor, ({ context }) => context.following.length === 2);
  const both = [
    ['17', 'active', false],
    ['18', 'active', false],
  ];
  expect(await rows()).toEqual(both);
  users.unfollow('17');
  expect(await rows()).toEqual([['17', 'done', false], both[1]]);
  await users.follow('17');
  await waitFor(actor, ({ context }) => context.following.length === 2);
  expect(await rows()).toEqual(both);

  const later = await attachInspector([actor]);
  const [update] = await updatesUntil(`${later.url}/updates`, (all) => all.length > 0);
  expect(update?.rows.map(({ name }) => name)).toEqual(['18', '17']);
  await later.close();
  await inspector.close();
  actor.send({ type: 'stop' });
  await over;
});

test('the most recent items are kept, with numbers that count on', () => {
  const recent = new Recent<string>(() => 4);
  for (let index = 1; index <= 21; index += 1) recent.add((number) => `item ${number}`);
  const kept = recent.after(0);
  expect(kept.length).toBeGreaterThanOrEqual(4);
  expect(kept.length).toBeLessThan(7);
  expect(kept.at(-1)).toEqual({ number: 21, item: 'item 21' });
  expect(recent.after(20)).toEqual([{ number: 21, item: 'item 21' }]);
  expect(recent.after(21)).toEqual([]);
});
