import {
  type ActorRefFrom,
  assign,
  type DoneActorEvent,
  type ErrorActorEvent,
  enqueueActions,
  setup,
  stopChild,
} from 'xstate';
import type { BoxError } from './box-error.ts';
import type { BoxEvent } from './box-event.ts';
import { type BoxEventsOutput, boxEventsMachine } from './box-events.machine.ts';
import type { Page } from './page.ts';
import {
  type CheckedUsers,
  checkUsers,
  eachOnce,
  type UsersInput,
  type UserToFollow,
} from './users-input.ts';

/*
 * The chart of many streams: who is followed, whose turn to start it is, and who is about to leave. Each user's stream is a child that goes
 * its way as the chart of one stream says; here it is started, told to stop, and heard of.
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
  /** Follows a user, too, when it is their turn to start. Nothing happens when they are followed already. */
  | ({ type: 'follow' } & UserToFollow)
  /** Follows a user no more, once what is in hand is delivered. */
  | { type: 'unfollow'; userId: string }
  /** Follows nobody any more, once what is in hand is delivered, and ends. */
  | { type: 'stop' };

/** What the chart emits, for `actor.on()`. */
export type BoxUsersEmitted =
  /** A page of a user's events, before it is delivered. */
  | { type: 'page'; userId: string; events: readonly BoxEvent[] }
  /** The new position of a user's stream: everything before it has been delivered. */
  | { type: 'position'; userId: string; streamPosition: string }
  /** A failure of a user's stream that may pass: it goes on after `delay` milliseconds. `attempt` counts from 1. */
  | { type: 'retry'; userId: string; error: BoxError; attempt: number; delay: number }
  /** A user's stream has ended as it was told to, and stands here. */
  | { type: 'stopped'; userId: string; streamPosition: string }
  /** A user's stream has failed for good. The others go on. */
  | { type: 'failed'; userId: string; error: unknown };

/** What a user's stream tells, to be emitted. */
export interface StreamReport {
  /** Always `report`. */
  readonly type: 'report';
  /** What it tells. */
  readonly report: BoxUsersEmitted;
}

/** Where everybody's stream stands whom the chart followed when it was stopped, or was about to. */
export interface BoxUsersOutput {
  /** In no particular order. */
  readonly positions: readonly UserPosition[];
}

/**
 * The statechart of many streams. Provide the actors of the one stream, once, and start one actor for an application:
 *
 * ```ts
 * const stream = boxEventsMachine.provide({ actors: { ...createServices({ token, asUser: true }), deliver } });
 * const actor = createActor(boxUsersMachine.provide({ actors: { stream } }), { input: { users } });
 * ```
 *
 * `deliver` gets each page with its `userId`. Streams are started one after the other, `startsPerSecond`; a user's is the child of that id.
 */
export const boxUsersMachine = setup({
  types: {
    context: {} as BoxUsersContext,
    input: {} as UsersInput | undefined,
    events: {} as BoxUsersCommand | StreamReport | DoneActorEvent<BoxEventsOutput> | ErrorActorEvent,
    emitted: {} as BoxUsersEmitted,
    output: {} as BoxUsersOutput,
  },
  actors: { stream: boxEventsMachine },
  actions: {
    queue: assign(({ context }, user: UserToFollow) => ({ waiting: [...context.waiting, user] })),
    startNext: enqueueActions(({ context, enqueue, self }) => {
      const next = nextOf(context);
      if (!next) return;
      const { waiting, following, streamType, recentSize } = context;
      let stream: Stream | undefined;
      enqueue.assign(({ spawn }) => {
        stream = spawn('stream', { id: next.userId, input: { ...next, streamType, recentSize } });
        return {
          waiting: waiting.filter((user) => user !== next),
          following: [...following, next.userId],
        };
      });
      enqueue(() => {
        if (stream) listenTo(stream, next.userId, (report) => self.send({ type: 'report', report }));
      });
    }),
    passOn: enqueueActions(({ enqueue }, report: BoxUsersEmitted) => {
      enqueue.emit(report);
    }),
    leaveQueue: enqueueActions(({ context, enqueue }, userId: string) => {
      const { waiting } = context;
      enqueue.assign({ waiting: waiting.filter((user) => user.userId !== userId) });
      for (const user of waitingFirst(context)) {
        if (user.userId === userId) enqueue.emit({ type: 'stopped', ...positionOf(user) });
      }
    }),
    stopStream: enqueueActions(({ context, enqueue }, userId: string) => {
      enqueue.assign({ leaving: [...context.leaving, userId] });
      enqueue.sendTo(userId, { type: 'stop' });
    }),
    stopAll: enqueueActions(({ context, enqueue }) => {
      const { following, leaving } = context;
      const positions = waitingFirst(context).map(positionOf);
      for (const userId of following) if (!leaving.includes(userId)) enqueue.sendTo(userId, { type: 'stop' });
      for (const position of positions) enqueue.emit({ type: 'stopped', ...position });
      enqueue.assign({ leaving: following, waiting: [], positions });
    }),
    letGo: assign(
      ({ context: { waiting, following, leaving } }, { userId, streamPosition }: UserToFollow) => ({
        following: following.filter((id) => id !== userId),
        leaving: leaving.filter((id) => id !== userId),
        waiting: waiting.map((user) =>
          user.userId === userId ? { ...user, streamPosition: user.streamPosition ?? streamPosition } : user,
        ),
      }),
    ),
    forgetStream: stopChild((_, userId: string) => userId),
    keepPosition: assign(({ context }, position: UserPosition) => ({
      positions: [...context.positions, position],
    })),
  },
  guards: {
    isNew: ({ context }, userId: string) => isNew(context, userId),
    isWaiting: ({ context }, userId: string) => context.waiting.some((user) => user.userId === userId),
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
  initial: 'resting',
  on: {
    follow: {
      guard: { type: 'isNew', params: userIdOf },
      actions: { type: 'queue', params: userOf },
      description: 'Waits for their turn, and for the stream that they may still have.',
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
    'xstate.done.actor.*': {
      actions: [
        { type: 'letGo', params: finalPosition },
        { type: 'forgetStream', params: actorIdOf },
        { type: 'passOn', params: stoppedReport },
      ],
      description: 'A stream has ended as it was told to.',
    },
    'xstate.error.actor.*': {
      actions: [
        { type: 'letGo', params: userOfActor },
        { type: 'forgetStream', params: actorIdOf },
        { type: 'passOn', params: failedReport },
      ],
      description: 'A stream has failed for good; the others go on.',
    },
  },
  states: {
    resting: {
      description: 'Everybody follows their stream, and nobody waits to be started.',
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
      entry: 'stopAll',
      always: { guard: 'isNobodyLeft', target: 'stopped', description: 'All streams have ended.' },
      on: {
        follow: { description: 'It is too late.' },
        unfollow: { description: 'Every stream was told to stop.' },
        stop: { description: 'Asked already.' },
        'xstate.done.actor.*': {
          actions: [
            { type: 'letGo', params: finalPosition },
            { type: 'keepPosition', params: finalPosition },
            { type: 'passOn', params: stoppedReport },
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

type Stream = ActorRefFrom<typeof boxEventsMachine>;

/** Passes on what a stream emits; its events by the page, for one by one would cost more than all the rest. */
function listenTo(stream: Stream, userId: string, tell: (report: BoxUsersEmitted) => void): void {
  let page: Page | null = null;
  stream.subscribe({
    next({ context }) {
      if (context.page === page) return;
      page = context.page;
      if (page && page.events.length > 0) tell({ type: 'page', userId, events: page.events });
    },
    // It comes as an event of the chart, too.
    error: () => {},
  });
  stream.on('position', ({ streamPosition }) => tell({ type: 'position', userId, streamPosition }));
  stream.on('retry', ({ error, attempt, delay }) => tell({ type: 'retry', userId, error, attempt, delay }));
}

/** Whose turn it is: a user whose earlier stream has not ended yet is passed over. */
function nextOf({ waiting, following }: BoxUsersContext): UserToFollow | undefined {
  return waiting.find(({ userId }) => !following.includes(userId));
}

/** Those who wait for a first stream, and not for another one. */
function waitingFirst({ waiting, following }: BoxUsersContext): UserToFollow[] {
  return waiting.filter(({ userId }) => !following.includes(userId));
}

function isNew({ waiting, following, leaving }: BoxUsersContext, userId: string): boolean {
  if (waiting.some((user) => user.userId === userId)) return false;
  return !following.includes(userId) || leaving.includes(userId);
}

function positionOf({ userId, streamPosition = 'now' }: UserToFollow): UserPosition {
  return { userId, streamPosition };
}

function userIdOf({ event }: { event: { userId: string } }): string {
  return event.userId;
}

function userOf({ event: { userId, streamPosition } }: { event: UserToFollow }): UserToFollow {
  return { userId, streamPosition };
}

function actorIdOf({ event }: { event: { actorId: string } }): string {
  return event.actorId;
}

function userOfActor({ event }: { event: ErrorActorEvent }): UserToFollow {
  return { userId: event.actorId };
}

function finalPosition({ event }: { event: DoneActorEvent<BoxEventsOutput> }): UserPosition {
  return { userId: event.actorId, streamPosition: event.output.streamPosition };
}

function stoppedReport(scope: { event: DoneActorEvent<BoxEventsOutput> }): BoxUsersEmitted {
  return { type: 'stopped', ...finalPosition(scope) };
}

function failedReport({ event }: { event: ErrorActorEvent }): BoxUsersEmitted {
  return { type: 'failed', userId: event.actorId, error: event.error };
}
