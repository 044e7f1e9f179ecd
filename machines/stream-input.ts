import { isPosition } from './stream-position.ts';

/** The streams of a user that Box can announce by long poll. */
export type StreamType = 'all' | 'changes' | 'sync';

/** Whom and where a stream follows: the input of the machine. */
export interface StreamInput {
  /**
   * Where to start: `now`, or a position that was saved, as a decimal string. `0` starts with everything that Box still has
   * (two weeks to two months).
   *
   * @default 'now'
   */
  readonly streamPosition?: string | undefined;
  /** Whom to follow; handed to the token function, and sent as `as-user` where the services are told so. By default the token's own user. */
  readonly userId?: string | undefined;
  /**
   * `all` events; `changes` to the tree of files and folders; or `sync`, changes to what is synchronized.
   *
   * @default 'all'
   */
  readonly streamType?: StreamType | undefined;
  /**
   * Ids of events that were delivered already, oldest first; they are not delivered again.
   *
   * @default []
   */
  readonly recent?: readonly string[] | undefined;
  /**
   * How many ids of delivered events are kept to drop duplicates; about 60 bytes each.
   *
   * @default 1_000
   */
  readonly recentSize?: number | undefined;
}

/** A {@link StreamInput} that was checked, with its defaults. */
export interface CheckedInput {
  /** The position after the last delivered page: `now` until one is known, else a decimal string. */
  readonly streamPosition: string;
  /** Whom the stream follows, when it is not the token's own user. */
  readonly userId?: string;
  /** Which events of theirs. */
  readonly streamType: StreamType;
  /** The ids of the last delivered events, oldest first. */
  readonly recent: readonly string[];
  /** How many of them are kept. */
  readonly recentSize: number;
}

/**
 * Checks an input and fills in the defaults.
 *
 * @throws {TypeError} that says which option is wrong, and what it should be.
 */
export function checkInput(input: StreamInput = {}): CheckedInput {
  const { streamPosition = 'now', userId, streamType = 'all', recent = [], recentSize = 1_000 } = input;
  checkPosition(streamPosition);
  checkStreamType(streamType);
  if (userId !== undefined && (typeof userId !== 'string' || userId === '')) {
    throw new TypeError('userId must be the id of a Box user, as a string.');
  }
  if (!Number.isInteger(recentSize) || recentSize < 1) {
    throw new TypeError(`recentSize must be a whole number from 1, not ${String(recentSize)}.`);
  }
  if (!Array.isArray(recent) || !recent.every((id) => typeof id === 'string')) {
    throw new TypeError('recent must be a list of event ids, as strings.');
  }
  return {
    streamPosition,
    ...(userId !== undefined && { userId }),
    streamType,
    recent: [...new Set(recent)].slice(-recentSize),
    recentSize,
  };
}

function checkPosition(streamPosition: unknown): void {
  if (typeof streamPosition === 'number' || typeof streamPosition === 'bigint') {
    throw new TypeError(
      `streamPosition must be a string, not the ${typeof streamPosition} ${streamPosition}: Box's positions are beyond 2^53, where numbers lose digits.`,
    );
  }
  if (streamPosition !== 'now' && !isPosition(streamPosition)) {
    throw new TypeError(
      `streamPosition must be 'now' or a decimal string, not ${JSON.stringify(streamPosition)}.`,
    );
  }
}

function checkStreamType(streamType: unknown): void {
  if (streamType === 'all' || streamType === 'changes' || streamType === 'sync') return;
  if (streamType === 'admin_logs' || streamType === 'admin_logs_streaming') {
    throw new TypeError(
      `streamType '${streamType}' is the enterprise's: Box does not announce its events by long poll, so this stream cannot follow them.`,
    );
  }
  throw new TypeError(`streamType must be 'all', 'changes' or 'sync', not ${JSON.stringify(streamType)}.`);
}
