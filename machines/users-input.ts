import { checkInput, type StreamInput, type StreamType } from './stream-input.ts';

/** A user to follow, and where to start. */
export interface UserToFollow {
  /** Box's id of the user: handed to the token function, and sent as `as-user` where the services are told so. */
  readonly userId: string;
  /**
   * Where to start: `now`, which is when their turn to start comes; `0`; or a position that was saved, as a decimal string.
   *
   * @default 'now'
   */
  readonly streamPosition?: string | undefined;
}

/** Whom to follow, and how: the input of `boxUsersMachine`. */
export interface UsersInput extends Pick<StreamInput, 'streamType' | 'recentSize'> {
  /**
   * Whom to follow from the beginning. A user who is named twice is followed once.
   *
   * @default []
   */
  readonly users?: readonly UserToFollow[] | undefined;
  /**
   * How many streams to start a second, at most. Each start costs two calls of the API, and Box allows 1,000 calls a minute and user: 5 starts
   * a second are 600 calls a minute, within that even where one account's token acts for all, with 400 left for those who were started
   * already. 2,000 users have started after 400 s. Where each user has a token of their own, more do no harm.
   *
   * @default 5
   */
  readonly startsPerSecond?: number | undefined;
}

/** A {@link UsersInput} that was checked, with its defaults. */
export interface CheckedUsers {
  /** How many streams are started a second, at most. */
  readonly startsPerSecond: number;
  /** Which events of the users. */
  readonly streamType: StreamType;
  /** How many ids of delivered events each stream keeps. */
  readonly recentSize: number;
}

/**
 * Checks what holds for all users, and fills in the defaults.
 *
 * @throws {TypeError} that says which option is wrong, and what it should be.
 */
export function checkUsers({ startsPerSecond = 5, ...all }: Omit<UsersInput, 'users'>): CheckedUsers {
  const { streamType, recentSize } = checkInput({ streamType: all.streamType, recentSize: all.recentSize });
  const isNumber = typeof startsPerSecond === 'number';
  if (!(isNumber && startsPerSecond >= fewestStarts && startsPerSecond <= mostStarts)) {
    throw new TypeError(
      `startsPerSecond must be a number from ${fewestStarts} to ${mostStarts}, not ${String(startsPerSecond)}.`,
    );
  }
  return { startsPerSecond, streamType, recentSize };
}

/** The users, each once: the first who is named counts. */
export function eachOnce(users: readonly UserToFollow[]): readonly UserToFollow[] {
  const named = new Set<string>();
  return users.filter(({ userId }) => !named.has(userId) && named.add(userId));
}

// A timer of more than 2^31-1 milliseconds would fire at once.
const fewestStarts = 0.001;
const mostStarts = 1_000;
