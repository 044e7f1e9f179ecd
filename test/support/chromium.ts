import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

/** A page in a real Chromium, a new one for each test of the file. */
export function usePage() {
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const args = [...chromium.args.filter((arg) => !unfit.test(arg)), '--disable-gpu'];
    browser = await playwright.launch({ args, executablePath: await chromium.executablePath() });
  }, 60_000);
  afterAll(() => browser.close());

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1_280, height: 900 }, reducedMotion: 'reduce' });
    complaints = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterEach(() => page.close());

  return {
    get page(): Page {
      return page;
    },
    button: (name: string) => page.getByRole('button', { name, exact: true }),
    /** What the element of this id says. */
    text: (id: string) => page.locator(`#${id}`).textContent(),
    /** What the page has complained about on its console. */
    get complaints(): readonly string[] {
      return complaints;
    },
  };
}

// The package switches off what keeps pages apart, upon which our page relies; and in a single process, closing one page ends them all.
const unfit =
  /^--(disable-web-security|allow-running-insecure-content|single-process|no-zygote|in-process-gpu|use-gl=.*|use-angle=.*|enable-unsafe-swiftshader|ignore-gpu-blocklist)$/;
