import { BoxError } from '../../machines/box-error.ts';
import type { StreamInput } from '../../machines/stream-input.ts';
import { boxEvents } from '../box-events.ts';
import type { ServicesOptions } from '../services.ts';
import type { EventOutput } from './event-output.ts';
import type { PositionFile } from './position-file.ts';
import { observe, type Progress } from './progress.ts';
import { onSignals } from './signals.ts';

/** What is followed, and where everything goes. */
export interface FollowOptions {
  readonly services: ServicesOptions;
  readonly input: StreamInput & { readonly streamPosition: string };
  readonly output: EventOutput;
  readonly positionFile: PositionFile | undefined;
  readonly progress: Progress;
}

/** How it ended, and the position after the last page that went out. */
export interface Ending {
  /** `closedPipe`: nobody reads the events any more. */
  readonly how: 'stopped' | 'closedPipe' | 'failed';
  readonly streamPosition: string;
  /** Why it failed. */
  readonly error?: unknown;
}

/**
 * Follows Box until a signal, a closed pipe or a failure ends it. A page goes out first, then its position is kept in the position
 * file, and only then the next page goes out.
 */
export async function follow({
  services,
  input,
  output,
  positionFile,
  progress,
}: FollowOptions): Promise<Ending> {
  const stream = boxEvents({ ...services, ...input });
  let { streamPosition } = input;
  observe(stream.actor, progress);
  const releaseSignals = onSignals({
    stop: () => stream.actor.send({ type: 'stop' }),
    abandon: () => progress.close(),
  });
  try {
    for await (const page of stream.pages()) {
      progress.hide();
      await output.writePage(page);
      progress.show();
      await positionFile?.write(page.streamPosition);
      streamPosition = page.streamPosition;
      progress.advance(page.events.length, `position ${streamPosition}`);
    }
    return { how: 'stopped', streamPosition };
  } catch (error) {
    return isClosedPipe(error)
      ? { how: 'closedPipe', streamPosition }
      : { how: 'failed', streamPosition, error };
  } finally {
    releaseSignals();
    progress.close();
  }
}

/**
 * Whether an error says that nobody reads any more. A pipe says EPIPE, a socket whose reader left something unread ECONNRESET. Box's own
 * errors come as a BoxError.
 */
export function isClosedPipe(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || error instanceof BoxError) return false;
  return error.code === 'EPIPE' || error.code === 'ECONNRESET';
}
