import { DeadlineError, longestTimer } from '../deadline.ts';
import { checkPositions, type Positions, reasonOf, savePosition } from './positions.ts';

/** Positions that could not be saved. They are tried again, or newer ones in their stead. */
export interface SaveFailure {
  /** Whose positions. */
  readonly userIds: readonly string[];
  /** What `save()` rejected with; the first, where the positions of several users could not be saved. */
  readonly error: unknown;
  /** The number of this failure in a row, from 1. */
  readonly attempt: number;
}

/** How positions are saved while a loop runs. */
export interface SavingOptions {
  /**
   * How often to save at most, in milliseconds. What was handled since the last time comes again after a crash. At the end of the loop
   * they are always saved.
   *
   * @default 1_000
   */
  readonly saveEvery?: number | undefined;
  /**
   * Is told when positions could not be saved. They are tried again after `saveEvery`, then after twice as long each time, at most 30 s. The
   * sixth failure in a row ends the loop with an error, and so does one at the end of the loop, whether this is given or not. No
   * event is lost by it: what is not saved comes again.
   */
  readonly onSaveError?: ((failure: SaveFailure) => void) | undefined;
}

/** Saves the positions that a loop comes to. */
export interface Saver {
  /** A user's stream stands here now. It is saved at once, or as soon as `saveEvery` has passed since the last time. */
  note(userId: string, streamPosition: string): void;
  /** What was noted for a user and is not saved yet. */
  unsaved(userId: string): string | undefined;
  /** Saves what is not saved yet, and nothing more afterwards. Rejects when that fails. */
  close(): Promise<void>;
}

/**
 * @param giveUp Is told when saving has failed so often in a row that somebody must look into it.
 * @throws {TypeError} that says which option is wrong.
 */
export function createSaver(
  positions: Positions,
  { saveEvery = 1_000, onSaveError }: SavingOptions,
  giveUp: (error: unknown) => void,
): Saver {
  checkPositions(positions);
  checkSaveEvery(saveEvery);
  const unsaved = new Map<string, string>();
  let failures = 0;
  let saving: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closing: Promise<void> | undefined;

  const saveAll = async () => {
    const failed: { userId: string; error: unknown }[] = [];
    const save = async ([userId, streamPosition]: [string, string]) => {
      try {
        await savePosition(positions, userId, streamPosition);
        if (unsaved.get(userId) === streamPosition) unsaved.delete(userId);
      } catch (error) {
        failed.push({ userId, error });
      }
    };
    await Promise.all([...unsaved].map(save));
    const [first] = failed;
    failures = first ? failures + 1 : 0;
    if (!first) return;
    const failure = { userIds: failed.map(({ userId }) => userId), error: first.error, attempt: failures };
    const told: unknown = onSaveError?.(failure);
    // Not waited for; but nobody else would handle its rejection, which ends the process.
    if (told instanceof Promise) told.catch(giveUp);
    if (closing || failures >= failuresInARow) throw saveError(first, failed.length);
  };

  const saveAndRest = async () => {
    saving = saveAll();
    await saving.catch(giveUp);
    saving = undefined;
    if (closing) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        if (unsaved.size > 0) void saveAndRest();
      },
      restAfter(failures, saveEvery),
    );
  };

  const saveRest = async () => {
    await saving?.catch((error: unknown) => {
      // What has hung for half a minute is not tried for another one: whoever ended the loop waits.
      if (error instanceof Error && error.cause instanceof DeadlineError) throw error;
    });
    if (unsaved.size > 0) await saveAll();
  };

  return {
    note(userId, streamPosition) {
      unsaved.set(userId, streamPosition);
      if (!closing && !saving && timer === undefined) void saveAndRest();
    },
    unsaved: (userId) => unsaved.get(userId),
    close() {
      clearTimeout(timer);
      closing ??= saveRest();
      return closing;
    },
  };
}

const failuresInARow = 6;
const longestRest = 30_000;

function restAfter(failures: number, saveEvery: number): number {
  const backoff = Math.min(saveEvery * 2 ** Math.max(0, failures - 1), longestRest);
  return Math.max(saveEvery, backoff);
}

function saveError({ userId, error }: { userId: string; error: unknown }, count: number): Error {
  const whose = count > 1 ? `${userId} and ${count - 1} more` : userId;
  return new Error(
    `Cannot save the position of ${whose}, so what was handled since the last one comes again: ${reasonOf(error)}`,
    { cause: error },
  );
}

function checkSaveEvery(saveEvery: unknown): void {
  if (typeof saveEvery === 'number' && saveEvery >= 0 && saveEvery <= longestTimer) return;
  throw new TypeError(`saveEvery must be milliseconds, from 0 to ${longestTimer}, not ${String(saveEvery)}.`);
}
