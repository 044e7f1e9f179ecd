import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { boxEventsMachine } from './box-events.machine.ts';
import { createUserStreams, type StreamEnd, type StreamReport, type StreamsEvent } from './user-streams.ts';
import {
  type CheckedUsers,
  checkUsers,
  eachOnce,
  type UsersInput,
  type UserToFollow,
} from './users-input.ts';
import { isQueued, withLast, withoutUser, withStart } from './users-queue.ts';

/*
 * The chart of many streams: who is followed, whose turn to start it is, and who is about to leave. The streams themselves are run by an
 * actor, each as the chart of one stream says; here they are started, told to stop, and heard of.
 */

/** What the chart remembers: plain JSON. Where each stream stands is in the stream's own context. */
export interface BoxUsersContext extends CheckedUsers {
  /** Whose streams are still to be started, in the order of their turn. */
  readonly waiting: readonly UserToFollow[];
  /** Whose streams run. */
  readonly following: readonly string[];
  /** Those among them that were told to stop, and still deliver what is in hand. */
  readonly leaving: readonly string[];
  /** Where the streams stand that were stopped with the whole. */
  readonly positions: readonly UserPosition[];
}

/** Where a user's stream stands. */
export interface UserPosition {
  /** Whose stream it is. */
  readonly userId: string;
  /** Where to resume: a decimal string, or `now` when none is known yet. */
  readonly streamPosition: string;
}

/** What an application may send. */
export type BoxUsersCommand =
  /**
   * Follows a user, too, when it is their turn to start. Nothing happens when they are followed already. Who is still leaving goes on where
   * they end; who has gone starts at `now`, unless a position is given: `stopped` said where they ended.
   */
  | ({ type: 'follow' } & UserToFollow)
  /** Follows a user no more, once what is in hand is delivered. */
  | { type: 'unfollow'; userId: string }
  /** Follows nobody any more, once what is in hand is delivered, and ends. */
  | { type: 'stop' };

/** What the chart emits, for `actor.on()`: how each user's stream goes on, and its end, by which the others are not touched. */
export type BoxUsersEmitted = StreamReport | StreamEnd;

/** Where everybody's stream stands whom the chart followed when it was stopped, or was about to. */
export interface BoxUsersOutput {
  /** In no particular order. */
  readonly positions: readonly UserPosition[];
}

/**
 * The statechart of many streams. Provide the machine of the one stream, once, and start one actor for an application:
 *
 * ```ts
 * const stream = boxEventsMachine.provide({ actors: { ...createServices({ token, asUser: true }), deliver } });
 * const machine = boxUsersMachine.provide({ actors: { streams: createUserStreams(stream) } });
 * const actor = createActor(machine, { input: { users } });
 * ```
 *
 * `deliver` gets each page with its `userId`. Streams are started one after the other, `startsPerSecond`.
 *
 * Go on after a restart with `users` and their positions, and not with `createActor(machine, { snapshot })`: the streams are in no snapshot of
 * this machine, so nobody would be followed, and `stop` would wait for them for ever.
 */
export const boxUsersMachine = setup({
  types: {
    context: {} as BoxUsersContext,
    input: {} as UsersInput | undefined,
    events: {} as BoxUsersCommand | StreamsEvent,
    emitted: {} as BoxUsersEmitted,
    output: {} as BoxUsersOutput,
  },
  actors: { streams: createUserStreams(boxEventsMachine) },
  actions: {
    queue: assign(({ context }, user: UserToFollow) => ({ waiting: withLast(context.waiting, user) })),
    startNext: enqueueActions(({ context, enqueue }) => {
      const next = nextOf(context);
      if (!next) return;
      const { waiting, following, streamType, recentSize } = context;
      const { userId, streamPosition } = next;
      enqueue.assign({
        waiting: withoutUser(waiting, next),
        following: [...following, userId],
      });
      const input = { streamPosition, streamType, recentSize };
      enqueue.sendTo('streams', { type: 'start', userId, input });
    }),
    leaveQueue: enqueueActions(({ context, enqueue }, userId: string) => {
      const user = context.waiting.find((waiting) => waiting.userId === userId);
      if (!user) return;
      enqueue.assign({ waiting: withoutUser(context.waiting, user) });
      if (canStart(context, user)) enqueue.emit({ type: 'stopped', ...positionOf(user) });
    }),
    stopStream: enqueueActions(({ context, enqueue }, userId: string) => {
      enqueue.assign({ leaving: [...context.leaving, userId] });
      enqueue.sendTo('streams', { type: 'stop', userId });
    }),
    stopStreams: sendTo('streams', { type: 'stopAll' }),
    emptyQueue: enqueueActions(({ context, enqueue }) => {
      const positions = context.waiting.filter((user) => canStart(context, user)).map(positionOf);
      enqueue.assign({ waiting: [], leaving: context.following, positions });
      for (const position of positions) enqueue.emit({ type: 'stopped', ...position });
    }),
    letGo: assign(({ context: { waiting, following, leaving } }, user: UserToFollow) => ({
      following: without(following, user.userId),
      leaving: without(leaving, user.userId),
      waiting: withStart(waiting, user),
    })),
    keepPosition: assign(({ context }, position: UserPosition) => ({
      positions: [...context.positions, position],
    })),
    passOn: enqueueActions(({ enqueue }, told: BoxUsersEmitted) => {
      enqueue.emit(told);
    }),
  },
  guards: {
    isNew: ({ context }, userId: string) => isNew(context, userId),
    isWaiting: ({ context }, userId: string) => isQueued(context.waiting, userId),
    isFollowed: ({ context }, userId: string) =>
      context.following.includes(userId) && !context.leaving.includes(userId),
    isSomebodyWaiting: ({ context }) => nextOf(context) !== undefined,
    isNobodyLeft: ({ context }) => context.following.length === 0,
  },
  delays: {
    startInterval: ({ context }) => 1_000 / context.startsPerSecond,
  },
}).createMachine({
  id: 'boxUsers',
  description: 'Follows what happens in the accounts of many users, each with a stream of their own.',
  context: ({ input = {} }) => ({
    ...checkUsers(input),
    waiting: eachOnce(input.users ?? []),
    following: [],
    leaving: [],
    positions: [],
  }),
  output: ({ context }) => ({ positions: context.positions }),
  invoke: { id: 'streams', src: 'streams' },
  initial: 'resting',
  on: {
    follow: {
      guard: { type: 'isNew', params: userIdOf },
      actions: { type: 'queue', params: userOf },
      description: 'Waits for their turn, and for the end of the stream that they may still have.',
    },
    unfollow: [
      {
        guard: { type: 'isWaiting', params: userIdOf },
        actions: { type: 'leaveQueue', params: userIdOf },
        description: 'The stream was not started yet.',
      },
      {
        guard: { type: 'isFollowed', params: userIdOf },
        actions: { type: 'stopStream', params: userIdOf },
        description: 'The stream ends once what is in hand is delivered.',
      },
    ],
    stop: { target: '.stopping', description: 'Each stream ends once what is in hand is delivered.' },
    report: {
      actions: { type: 'passOn', params: ({ event }) => event.report },
      description: 'A stream tells how it goes.',
    },
    stopped: {
      actions: [
        { type: 'letGo', params: eventOf },
        { type: 'passOn', params: eventOf },
      ],
      description: 'A stream has ended as it was told to.',
    },
    failed: {
      actions: [
        { type: 'letGo', params: userOf },
        { type: 'passOn', params: eventOf },
      ],
      description: 'A stream has failed for good; the others go on.',
    },
  },
  states: {
    resting: {
      description: 'Nobody waits to be started.',
      always: {
        guard: 'isSomebodyWaiting',
        target: 'starting',
        description: 'Somebody waits, and it is time.',
      },
    },
    starting: {
      description: 'Has started a stream, and waits before it starts another.',
      entry: 'startNext',
      after: {
        startInterval: { target: 'resting', description: 'The next one may start.' },
      },
    },
    stopping: {
      description: 'Waits for the streams to deliver what they have in hand.',
      entry: ['emptyQueue', 'stopStreams'],
      always: { guard: 'isNobodyLeft', target: 'stopped', description: 'All streams have ended.' },
      on: {
        follow: { description: 'It is too late.' },
        unfollow: { description: 'Every stream was told to stop.' },
        stop: { description: 'Asked already.' },
        stopped: {
          actions: [
            { type: 'letGo', params: eventOf },
            { type: 'keepPosition', params: ({ event }) => positionOf(event) },
            { type: 'passOn', params: eventOf },
          ],
          description: 'One of the streams has ended.',
        },
      },
    },
    stopped: {
      type: 'final',
      description: 'All streams have ended; the output says where to resume each.',
    },
  },
});

/** Whose turn it is: a user whose earlier stream has not ended yet is passed over. */
function nextOf(context: BoxUsersContext): UserToFollow | undefined {
  return context.waiting.find((user) => canStart(context, user));
}

// Who waits and is followed is about to leave: there are few of them.
function canStart({ leaving }: BoxUsersContext, { userId }: UserToFollow): boolean {
  return !leaving.includes(userId);
}

function isNew({ waiting, following, leaving }: BoxUsersContext, userId: string): boolean {
  if (isQueued(waiting, userId)) return false;
  return !following.includes(userId) || leaving.includes(userId);
}

function without(ids: readonly string[], id: string): readonly string[] {
  const index = ids.indexOf(id);
  return index < 0 ? ids : ids.toSpliced(index, 1);
}

function positionOf({ userId, streamPosition = 'now' }: UserToFollow): UserPosition {
  return { userId, streamPosition };
}

function eventOf<E>({ event }: { event: E }): E {
  return event;
}

function userIdOf({ event }: { event: { userId: string } }): string {
  return event.userId;
}

function userOf({ event: { userId, ...rest } }: { event: UserToFollow }): UserToFollow {
  return { userId, streamPosition: rest.streamPosition };
}
