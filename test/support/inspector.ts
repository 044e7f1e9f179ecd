import { request as httpRequest } from 'node:http';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { attachInspector, type InspectorOptions } from '../../src/inspector/index.ts';
import type { Update } from '../../src/inspector/messages.ts';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { follow, simulatedBox } from './stream.ts';

/** A stream on a simulated Box, both with a clock that is moved by hand, and a page that shows it. */
export async function inspectedStream(options: InspectorOptions & { simulator?: SimulatorOptions } = {}) {
  const simulated = await simulatedBox(options.simulator);
  const stream = follow(simulated, { streamPosition: '0' });
  const inspector = await attachInspector(stream.actor, { box: simulated.box, ...options });
  return {
    ...simulated,
    stream,
    inspector,
    [Symbol.asyncDispose]: async () => {
      stream.actor.stop();
      await inspector.close();
      await simulated.box.stop();
    },
  };
}

/** A request with any headers whatever, which `fetch` would not let through. */
export function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    request.on('error', reject).end(body);
  });
}

/** The token that the page carries. */
export async function tokenOf(url: string): Promise<string> {
  const { text } = await ask(url);
  return /name="inspector-token" content="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** What a page is told, until it has heard enough. */
export async function updatesUntil(
  url: string,
  isEnough: (updates: readonly Update[]) => boolean,
): Promise<Update[]> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  const updates: Update[] = [];
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    updates.push(
      ...parts.filter((part) => part.startsWith('data: ')).map((part) => JSON.parse(part.slice(6))),
    );
    if (isEnough(updates)) break;
  }
  abort.abort();
  return updates;
}

/** Resolves once the state, and no other, is lit on the chart. */
export async function isLit(page: Page, ...states: string[]): Promise<void> {
  await expect
    .poll(() =>
      page.locator('.state.lit').evaluateAll((all) => all.map((one) => one.getAttribute('data-state'))),
    )
    .toEqual(states.map((state) => `boxEvents.${state}`));
}

/** What is lit while a page is in hand and none is fetched ahead. */
export function inHand(order: 'open' | 'pausing'): string[] {
  return [
    ...['delivering', 'delivering.page', 'delivering.nextPage'],
    ...[`delivering.page.${order}`, 'delivering.nextPage.settled'],
  ];
}
