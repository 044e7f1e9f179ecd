import type { SnapshotFrom } from 'xstate';
import type { BoxEvent } from '../machines/box-event.ts';
import type { boxEventsMachine } from '../machines/box-events.machine.ts';
import type { boxUsersMachine } from '../machines/box-users.machine.ts';

/** A snapshot of the machine of one stream. */
export type StreamSnapshot = SnapshotFrom<typeof boxEventsMachine>;

/** A snapshot of the machine of many streams. */
export type UsersSnapshot = SnapshotFrom<typeof boxUsersMachine>;

/** Whether a snapshot is one of the machine of one stream. */
export function isStreamSnapshot(snapshot: unknown): snapshot is StreamSnapshot {
  return hasInContext(snapshot, 'streamPosition', 'servers');
}

/** Whether a snapshot is one of the machine of many streams. */
export function isUsersSnapshot(snapshot: unknown): snapshot is UsersSnapshot {
  return hasInContext(snapshot, 'waiting', 'following');
}

/** When the oldest event in hand happened, in milliseconds since 1970; `null` when none is in hand that says so. */
export function oldestIn({ context }: StreamSnapshot): number | null {
  let oldest: number | null = null;
  for (const event of context.page?.events ?? []) {
    const time = timeOf(event);
    if (time !== null && (oldest === null || time < oldest)) oldest = time;
  }
  return oldest;
}

/** When an event happened, in milliseconds since 1970; `null` when it does not say so. */
export function timeOf({ created_at: at }: BoxEvent): number | null {
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Whether all that there was is handled, as it is for who waits for news. */
export function isCaughtUp({ value, context }: StreamSnapshot): boolean {
  return value === 'polling' || value === 'stopped' || (context.caughtUp && !context.page);
}

function hasInContext(snapshot: unknown, ...names: readonly string[]): boolean {
  if (typeof snapshot !== 'object' || snapshot === null) return false;
  if (!('value' in snapshot && 'context' in snapshot)) return false;
  const { context } = snapshot;
  return typeof context === 'object' && context !== null && names.every((name) => name in context);
}
