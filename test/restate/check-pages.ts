import assert from 'node:assert/strict';
import type { UserDelivery } from '../../src/restate/index.ts';

/**
 * Checks what somebody was sent of a user: each event, in order, and again only with its whole page, before the next one.
 *
 * @returns how many pages came again.
 */
export function checkPages(pages: readonly UserDelivery[], ids: readonly unknown[], userId: string): number {
  const first = pages.filter((page, index) => !isAgain(page, pages[index - 1]));
  assert.deepEqual(first.flatMap(idsOf), ids, `What the sink was sent of ${userId}`);
  return pages.length - first.length;
}

function isAgain(page: UserDelivery, before: UserDelivery | undefined): boolean {
  return (
    before !== undefined &&
    page.streamPosition === before.streamPosition &&
    idsOf(page).join() === idsOf(before).join()
  );
}

function idsOf({ events }: UserDelivery): unknown[] {
  return events.map((event) => event.event_id);
}
