import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import {
  type BoxEventsContext,
  boxEventsMachine,
  type ServersInput,
} from '../machines/box-events.machine.ts';
import { attachInspector } from '../src/inspector/index.ts';
import { usePage } from './support/chromium.ts';
import { inHand, inspectedStream, isLit } from './support/inspector.ts';
import { listen } from './support/listen.ts';
import { follow } from './support/stream.ts';

const browser = usePage();
const { button, text } = browser;

test('everything can be done with the keyboard', async () => {
  await using seen = await inspectedStream();
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  await button('Pause').focus();
  await browser.page.keyboard.press('Enter');
  await isLit(browser.page, 'paused');
  await button('Resume').focus();
  await browser.page.keyboard.press('Space');
  await isLit(browser.page, 'polling');
  await expect.poll(() => browser.page.locator('#steps button').first().textContent()).toContain('polling');

  await browser.page.locator('#steps button').first().focus();
  await browser.page.keyboard.press('End');
  await browser.page.keyboard.press('ArrowUp');
  expect(await browser.page.locator('#steps button:focus').getAttribute('data-step')).toBe('2');
  await browser.page.keyboard.press('Enter');
  await isLit(
    browser.page,
    (await browser.page.locator('#steps [aria-current] .event').textContent())?.split('→ ').at(-1) ?? '',
  );
  expect(await browser.page.locator('#snapshot-of').textContent()).toMatch(/^after step \d+/);
  await browser.page.keyboard.press('Escape');
  await isLit(browser.page, 'polling');
  expect(await text('snapshot-of')).toBe('now');
});

test('the timeline shows what the stream remembered after each step', async () => {
  await using seen = await inspectedStream();
  seen.box.publish();
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  await browser.page.locator('#steps button', { hasText: 'fetchEvents done' }).first().click();
  await isLit(browser.page, ...inHand('open'));
  expect(await text('context')).toContain('"events": "1 events"');
  await button('Back to now').click();
  await isLit(browser.page, 'polling');
  expect(await text('context')).toContain('page: null');
  expect(await text('context')).toContain('recent: "1 ids, of at most 1000"');
});

test('a reload shows the same stream, and what happened before', async () => {
  await using seen = await inspectedStream();
  const other = follow(seen, { streamPosition: '0' });
  seen.inspector.attach(other.actor, 'the other one');
  await browser.page.goto(seen.inspector.url);
  await browser.page.getByRole('button', { name: /^the other one/ }).click();
  await expect.poll(() => text('name')).toBe('the other one');
  seen.box.publish({ event_type: 'ITEM_RENAME' });
  await browser.page.locator('#events li', { hasText: 'ITEM_RENAME' }).waitFor();
  await browser.page.reload();
  await browser.page.locator('#events li', { hasText: 'ITEM_RENAME' }).waitFor();
  expect(await text('name')).toBe('the other one');
  await browser.page.locator('#steps button', { hasText: 'newChange' }).first().waitFor();
  other.actor.stop();
});

test('the page comes back by itself when the inspector was started anew', async () => {
  await using seen = await inspectedStream();
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  const { port } = new URL(seen.inspector.url);
  await seen.inspector.close();
  await expect.poll(() => text('connection')).toContain('Connection lost');
  const again = await attachInspector(seen.stream.actor, { port: Number(port), title: 'again' });
  await expect.poll(() => browser.page.title(), { timeout: 10_000 }).toBe('again');
  await isLit(browser.page, 'polling');
  await button('Pause').click();
  await isLit(browser.page, 'paused');
  await again.close();
}, 15_000);

test('at the width of a phone nothing has to be moved sideways but the chart', async () => {
  await using seen = await inspectedStream();
  await browser.page.setViewportSize({ width: 360, height: 740 });
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  expect(await browser.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const lit = await browser.page.locator('.state.lit .name').boundingBox();
  expect(lit?.x).toBeGreaterThan(0);
  expect(lit?.x).toBeLessThan(360);
});

test('another page can neither do nor read anything', async () => {
  await using seen = await inspectedStream();
  const elsewhere = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>');
  });
  await browser.page.goto(`http://127.0.0.1:${await listen(elsewhere)}`);
  const outcome = await browser.page.evaluate(async (url) => {
    const attempt = (path: string, init?: RequestInit) =>
      fetch(url + path, init).then(
        (response) => response.type,
        () => 'refused',
      );
    const body = JSON.stringify({ do: 'stop', stream: '1' });
    const image = await new Promise((resolve) => {
      const picture = new Image();
      picture.onload = () => resolve('seen');
      picture.onerror = () => resolve('refused');
      picture.src = `${url}/icon.svg`;
    });
    return [
      await attempt('/'),
      await attempt('/updates'),
      await attempt('/act', { method: 'POST', body, mode: 'no-cors' }),
      await attempt('/act', { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
      image,
    ];
  }, seen.inspector.url);
  expect(outcome).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
  expect(seen.stream.actor.getSnapshot().status).toBe('active');
  await new Promise((resolve) => elsewhere.close(resolve));
});

test('while no stream has started the page says so, and shows the first one then', async () => {
  const inspector = await attachInspector([]);
  await browser.page.goto(inspector.url);
  await expect.poll(() => text('connection')).toBe('Live');
  expect(await text('name')).toBe('No stream has started yet');
  expect(await button('Pause').isDisabled()).toBe(true);
  const actor = startedActor('user1');
  inspector.attach(actor);
  await expect.poll(() => text('name')).toBe('user1');
  expect(await button('Pause').isDisabled()).toBe(false);
  await inspector.close();
  actor.stop();
});

test('a thousand streams are listed, found, opened, and followed as they change', async () => {
  const actors = Array.from({ length: 1_000 }, (_, index) => startedActor(`user${index}`));
  const inspector = await attachInspector(actors);
  await browser.page.goto(inspector.url);
  await expect.poll(() => browser.page.locator('#rows li').count()).toBe(1_000);
  expect(await text('count')).toBe('(1000 of 1000)');

  await browser.page.getByRole('searchbox').fill('user777');
  await expect.poll(() => text('count')).toBe('(1 of 1000)');
  await browser.page.getByRole('button', { name: /^user777/ }).click();
  await expect.poll(() => text('name')).toBe('user777');

  for (const actor of actors) actor.send({ type: 'pause' });
  await isLit(browser.page, 'paused');
  await browser.page.getByRole('searchbox').fill('paused');
  await expect.poll(() => text('count')).toBe('(1000 of 1000)');

  // The page answers at once while all of them change again and again.
  for (let round = 0; round < 5; round += 1) {
    for (const actor of actors) actor.send({ type: round % 2 ? 'pause' : 'resume' });
    await browser.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  await button('Stop').click();
  await expect.poll(() => text('state-name')).toBe('stopped');
  expect(browser.complaints).toEqual([]);
  await inspector.close();
  for (const actor of actors) actor.stop();
}, 20_000);

function startedActor(userId: string) {
  const fetchServers = fromPromise<BoxEventsContext['servers'], ServersInput>(() => new Promise(() => {}));
  const machine = boxEventsMachine.provide({ actors: { fetchServers } });
  return createActor(machine, { input: { userId, streamPosition: '1' } }).start();
}
