import { setTimeout } from 'node:timers/promises';
import type { UserDelivery } from 'box-events';
import { log } from './log.ts';

/** How long a request may take: systemd's TimeoutStopSec must be longer. */
const requestTimeout = 60_000;
const longestDelay = 30_000;

/**
 * Hands a page on, until it is taken: posts it to `url`, or prints it. A page may come twice, after a crash or a timeout, so whoever takes
 * it must know events by their `event_id`.
 *
 * Rejects when `signal` aborts between two attempts. An attempt that is under way is waited for.
 */
export async function deliver(
  page: UserDelivery,
  { url, signal }: { url: string | undefined; signal: AbortSignal },
): Promise<void> {
  if (page.events.length === 0) return;
  if (url === undefined) {
    process.stdout.write(`${JSON.stringify(page)}\n`);
    return;
  }
  for (let delay = 500; ; delay = Math.min(delay * 2, longestDelay)) {
    const failure = await post(url, page);
    if (failure === undefined) return;
    log({ level: 'warn', message: 'page was not taken', userId: page.userId, failure, delay });
    await setTimeout(delay, undefined, { signal });
  }
}

/** What went wrong, if anything did. */
async function post(url: string, page: UserDelivery): Promise<string | undefined> {
  try {
    const { ok, status } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(page),
      signal: AbortSignal.timeout(requestTimeout),
    });
    return ok ? undefined : `status ${status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}
