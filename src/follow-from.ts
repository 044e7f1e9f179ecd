import { type BoxEvents, type BoxEventsOptions, boxEvents } from './box-events.ts';
import { checkPositions, loadPosition, type Positions } from './positions/positions.ts';
import { createSaver, type SavingOptions } from './positions/saver.ts';

/** Whom to follow and who asks Box, as for `boxEvents()`, and how the position is kept. */
export type FollowFromOptions = BoxEventsOptions &
  SavingOptions & {
    /**
     * Under which name the position is kept. Streams of different types need different ones.
     *
     * @default the `userId`, or `me` for the token's own user
     */
    readonly key?: string | undefined;
  };

/**
 * Follows what happens in a Box account from where the last process stopped: `boxEvents()`, with the position loaded first, saved while
 * the loop runs, and saved at its end.
 *
 * ```ts
 * const positions = filePositions('box-positions.json'); // from box-events/positions
 * for await (const event of await followFrom(positions, { token })) await handle(event);
 * ```
 *
 * A position is saved once everything before it was handled, which is when the body asks for more: after `break` or a throw in the body, and
 * after a crash, what was in hand comes again. `streamPosition` says where to start when none is kept yet.
 *
 * @throws {TypeError} that says which option is wrong; the position may not be loaded, either, and the error says why.
 */
export async function followFrom(positions: Positions, options: FollowFromOptions): Promise<BoxEvents> {
  const { key = options.userId ?? 'me' } = options;
  checkPositions(positions);
  if (options.key !== undefined) checkKey(options.key);
  const kept = await loadPosition(positions, key);
  const controller = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
  const saver = createSaver(positions, options, (error) => controller.abort(error));
  const events = boxEvents({ ...options, signal, streamPosition: kept ?? options.streamPosition });
  let noted = events.streamPosition;

  const note = (streamPosition: string) => {
    if (streamPosition === noted) return;
    noted = streamPosition;
    saver.note(key, streamPosition);
  };
  // Also of pages without an event, which the body does not see: `now` has become a position before the first event.
  events.actor.on('position', ({ streamPosition }) => note(streamPosition));

  const savedAlong = <T>(source: AsyncIterable<T, void, void>): AsyncIterator<T, void, void> => {
    const iterator = source[Symbol.asyncIterator]();
    return {
      async next() {
        // Whoever asks for more has handled what was given.
        note(events.streamPosition);
        const result = await iterator.next().catch(async (error: unknown) => {
          await saver.close().catch((unsaved: unknown) => {
            // An end that was wished for says less than that it could not be kept; a failure of Box says more.
            if (options.signal?.aborted) throw unsaved;
          });
          throw error;
        });
        if (result.done) await saver.close();
        return result;
      },
      async return() {
        await iterator.return?.();
        await saver.close();
        return { done: true, value: undefined };
      },
    };
  };

  return {
    actor: events.actor,
    get streamPosition() {
      return events.streamPosition;
    },
    pages: () => ({ [Symbol.asyncIterator]: () => savedAlong(events.pages()) }),
    [Symbol.asyncIterator]: () => savedAlong(events),
  };
}

// A number would be kept as a string where it is kept as JSON, and not be found again.
function checkKey(key: unknown): void {
  if (typeof key === 'string' && key !== '') return;
  throw new TypeError('key must be the name under which the position is kept, as a string.');
}
