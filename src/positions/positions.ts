import { isPosition } from '../../machines/stream-position.ts';
import { withDeadline } from '../deadline.ts';

/**
 * Where the positions of streams are kept, so that each goes on where it was after a restart. `box-events/positions` has
 * `filePositions()` and `sqlitePositions()`; over a database of your own it takes a few lines.
 */
export interface Positions {
  /** The position that was saved last for this user, a decimal string; nothing when none was. */
  load(userId: string): Promise<string | null | undefined>;
  /** Keeps this user's position; resolves once it will outlast the process. The saves of several users may overlap. */
  save(userId: string, streamPosition: string): Promise<void>;
}

/** {@link Positions} that hold something open, until `close()` or the end of the process, however it ends. */
export interface OpenPositions extends Positions, AsyncDisposable {
  /** Waits for what is being saved, and lets go. What is loaded or saved afterwards is refused. */
  close(): Promise<void>;
}

/**
 * Loads a user's position.
 *
 * @throws {Error} that says whose position it is, and why it cannot be loaded.
 */
export async function loadPosition(positions: Positions, userId: string): Promise<string | undefined> {
  try {
    return (await inTime(() => positions.load(userId))) ?? undefined;
  } catch (error) {
    throw new Error(`Cannot load the position of ${userId}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Saves a user's position. Rejects with what `save()` rejects with. */
export function savePosition(positions: Positions, userId: string, streamPosition: string): Promise<void> {
  return inTime(() => positions.save(userId, streamPosition));
}

/** @throws {TypeError} when they are no {@link Positions}. */
export function checkPositions(positions: Positions): void {
  if (typeof positions?.load === 'function' && typeof positions.save === 'function') return;
  throw new TypeError(
    "positions must have load() and save(), as those of filePositions() from 'box-events/positions' do.",
  );
}

/** @throws {TypeError} when it is no position that Box gave. */
export function checkPosition(userId: string, streamPosition: unknown): void {
  if (isPosition(streamPosition)) return;
  throw new TypeError(
    `The position of ${userId} must be a decimal string, not ${typeof streamPosition === 'string' ? JSON.stringify(streamPosition) : `of type ${typeof streamPosition}`}.`,
  );
}

/** What an error of somebody else's says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// A connection that died in silence would otherwise stop the saving, and the end of the loop, for ever.
function inTime<T>(work: () => Promise<T>): Promise<T> {
  return withDeadline(longestWait, never, async () => work());
}

const longestWait = 30_000;
const never = new AbortController().signal;
