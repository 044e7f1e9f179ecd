import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Page, chromium as playwright } from 'playwright-core';
import { createActor } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { attachInspector } from '../src/inspector/index.ts';
import { createServices } from '../src/services.ts';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';

/*
 * Takes the pictures of the inspector that the README shows: `npm run photograph`. They show a moment,
 * so no test compares them: take them again when the page looks different.
 */

const box = await createSimulator();
const services = createServices({ token: box.serviceToken, apiUrl: box.apiUrl, asUser: true });
const actor = createActor(boxEventsMachine.provide({ actors: services }), {
  input: { streamPosition: '0', userId: box.users[0]?.id },
}).start();
const inspector = await attachInspector([], { box });
inspector.attach(actor, box.users[0]?.name);
// In a single process, which is the default of this Chromium, closing one page ends them all.
const args = chromium.args.filter((arg) => !/web-security|single-process|no-zygote|gpu|gl=|angle/.test(arg));
const browser = await playwright.launch({ args, executablePath: await chromium.executablePath() });
try {
  const page = await browser.newPage({ viewport: { width: 1_360, height: 1_010 } });
  await page.goto(inspector.url);
  await fail(page, box);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: fileURLToPath(new URL(`inspector-${scheme}.png`, import.meta.url)) });
  }
} finally {
  await browser.close();
  await inspector.close();
  actor.stop();
  await box.stop();
}

/** Some events, and then an API that answers 503, until the stream has backed off three times. */
async function fail(page: Page, { publish }: Simulator): Promise<void> {
  for (const event_type of ['ITEM_UPLOAD', 'COMMENT_CREATE', 'ITEM_SHARED_CREATE', 'ITEM_MOVE']) {
    const delivered = page.locator('#events li', { hasText: event_type }).waitFor();
    publish({ event_type });
    await delivered;
  }
  await page.getByRole('button', { name: '503', exact: true }).click();
  await page.getByRole('button', { name: 'Publish an event' }).click();
  await page.locator('#why', { hasText: 'Failure 3 in a row' }).waitFor();
  await page.locator('.runner').first().waitFor({ state: 'detached' });
}
