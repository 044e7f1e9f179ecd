import type { StateValue } from 'xstate';
import type { BoxEventsContext, BoxEventsOutput } from '../../machines/box-events.machine.ts';
import type { FailureDetails } from './failure.ts';
import type { StoredSnapshot } from './stored-stream.ts';

/**
 * Where a stream stands: a snapshot of the machine without the realtime servers, whose URLs hold a key, and without the pages under way.
 * `resumeFrom()` takes it, to go on elsewhere.
 */
export interface StreamSnapshot {
  /** `active`; `done` when it was stopped; `error` when it has failed, and `create` may start it anew. */
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** The state of the chart. */
  readonly value: StateValue;
  /** What the chart remembers. */
  readonly context: Omit<BoxEventsContext, 'servers' | 'page' | 'nextPage'>;
  /** Where to resume, once it is stopped. */
  readonly output?: BoxEventsOutput | undefined;
  /** What it failed with. */
  readonly error?: FailureDetails | undefined;
}

export function toStreamSnapshot({ status, value, context, output, error }: StoredSnapshot): StreamSnapshot {
  const { servers, page, nextPage, ...shown } = context;
  return { status, value, context: shown, output, error: isFailure(error) ? error : undefined };
}

function isFailure(error: unknown): error is FailureDetails {
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}
