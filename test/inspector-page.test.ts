import { expect, test } from 'vitest';
import type { StreamInput } from '../machines/stream-input.ts';
import { usePage } from './support/chromium.ts';
import { inHand, inspectedStream, isLit } from './support/inspector.ts';
import { follow } from './support/stream.ts';

const browser = usePage();
const { button, text } = browser;

test('the lit state follows the stream, and the edge that it took', async () => {
  await using seen = await inspectedStream();
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  expect(await text('state-name')).toBe('polling');
  expect(await text('about')).toContain('Waits at a realtime server');
  expect(await text('state-for')).toContain('the poll is held for');

  seen.box.publish({ event_type: 'ITEM_UPLOAD' });
  await browser.page.locator('#events li', { hasText: 'ITEM_UPLOAD' }).waitFor();
  await isLit(browser.page, 'polling');
  expect(await browser.page.locator('.edge.lit').getAttribute('data-transitions')).toContain(
    'xstate.done.state.boxEvents.delivering',
  );
  expect(await text('delivered')).toBe('1 event');
  expect(await text('lag')).toContain('caught up');

  seen.stream.actor.send({ type: 'pause' });
  await isLit(browser.page, 'paused');
  expect(browser.complaints).toEqual([]);
});

test('a transition runs along its edge as it happens', async () => {
  await using seen = await inspectedStream();
  await browser.page.emulateMedia({ reducedMotion: 'no-preference' });
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  const runner = browser.page.locator('.runner.main').first().waitFor({ state: 'attached' });
  seen.box.publish();
  await runner;
  await browser.page.locator('.runner').first().waitFor({ state: 'detached' });
});

test('a state within a state is lit with the one around it', async () => {
  await using seen = await inspectedStream();
  const held = Promise.withResolvers<void>();
  const slow = follow(seen, { streamPosition: '0' }, { deliver: () => held.promise });
  seen.inspector.attach(slow.actor, 'slow one');
  seen.box.publish({ created_at: new Date(Date.now() - 3_600_000).toISOString() });
  await browser.page.goto(seen.inspector.url);
  await browser.page.getByRole('button', { name: /^slow one/ }).click();
  await isLit(browser.page, ...inHand('open'));
  expect(await text('lag')).toMatch(/^1 h 0 min$/);
  await button('Pause').click();
  await isLit(browser.page, ...inHand('pausing'));
  held.resolve();
  await isLit(browser.page, 'paused');
  slow.actor.stop();
});

test('a fault and the recovery from it are seen: why, since when, when it tries again', async () => {
  await using seen = await inspectedStream();
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  await button('503').click();
  await button('Publish an event').click();
  await isLit(browser.page, 'backingOff');
  expect(await button('503').getAttribute('aria-pressed')).toBe('true');
  expect(await text('why')).toBe('Failure 1 in a row: GET /events was answered with 503.');
  expect(await text('countdown-text')).toMatch(/^tries again in \d\.\d s$/);
  expect(await browser.page.locator('.state.lit').getAttribute('class')).toContain('in-trouble');
  await expect.poll(() => text('said')).toContain('503');

  seen.clock.increment(2_000);
  await expect.poll(() => text('failures')).toBe('2');
  await button('503').click();
  await expect.poll(() => button('503').getAttribute('aria-pressed')).toBe('false');
  seen.clock.increment(4_000);
  await isLit(browser.page, 'polling');
  await browser.page.locator('#events li').waitFor();
  expect(await text('why')).toContain('After 2 in a row');
  seen.clock.increment(2_000);
  await browser.page.locator('#why').waitFor({ state: 'hidden' });
  expect(await browser.page.locator('#steps .failed').count()).toBe(2);
});

test.each([
  ['429, Retry-After 10 s', 'backingOff', '429'],
  ['Realtime down', 'backingOff', 'The long poll failed'],
  ['Reconnect at once', 'backingOff', 'asked to reconnect several times in a row'],
])('the fault "%s" leads to %s', async (fault, state, reason) => {
  await using seen = await inspectedStream({ simulator: { reconnectAfter: 5_000 } });
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  await button(fault).click();
  await expect.poll(() => button(fault).getAttribute('aria-pressed')).toBe('true');
  if (fault === 'Reconnect at once') seen.clock.increment(5_000);
  else await button('Publish an event').click();
  await isLit(browser.page, state);
  expect(await text('why')).toContain(reason);
});

test('a refused token ends the stream, and it can be started again where it ended', async () => {
  const restarts: StreamInput[] = [];
  await using seen = await inspectedStream({
    restart: (input) => {
      restarts.push(input);
      return follow(seen, input).actor;
    },
  });
  await browser.page.goto(seen.inspector.url);
  await isLit(browser.page, 'polling');
  await button('401').click();
  await button('Publish an event').click();
  await expect.poll(() => text('state-name')).toBe('failed while fetchingEvents');
  expect(await text('why')).toContain('401');
  expect(await button('Pause').isDisabled()).toBe(true);

  await button('401').click();
  await button('Start again').click();
  await isLit(browser.page, 'polling');
  await browser.page.locator('#events li').waitFor();
  expect(restarts).toMatchObject([{ streamPosition: expect.stringMatching(/^\d+$/) }]);
  restarts.length = 0;
  await button('Stop').click();
  await expect.poll(() => text('state-name')).toBe('stopped');
});
