import { type ObjectContext, type ObjectSharedContext, TerminalError } from '@restatedev/restate-sdk';
import type { ActorObjectHandlers } from '@restatedev/xstate';
import type { BoxEventsCommand, boxEventsMachine } from '../../machines/box-events.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import { checkInput, type StreamInput } from '../../machines/stream-input.ts';
import { step } from './step.ts';
import {
  readStream,
  type SharedStreamContext,
  type StoredSnapshot,
  type StoredStream,
  type StreamContext,
} from './stored-stream.ts';
import { type StreamSnapshot, toStreamSnapshot } from './stream-snapshot.ts';

/** Where and how to follow a user; whom is the object's key. */
export type StreamStart = Omit<StreamInput, 'userId'>;

/** What an application calls, through Restate's ingress or from its own services. */
export interface BoxEventsHandlers {
  /**
   * Follows the user. Of a stream that runs already it changes nothing; one that was stopped, or has failed, goes on where it was,
   * unless a `streamPosition` is given.
   */
  create(ctx: ObjectContext, request?: { input?: StreamStart }): Promise<StreamSnapshot>;
  /** Pauses, resumes or stops the stream. */
  send(ctx: ObjectContext, request: { event: BoxEventsCommand }): Promise<StreamSnapshot>;
  /** Shows where the stream stands. */
  snapshot(ctx: ObjectSharedContext): Promise<StreamSnapshot>;
}

/** The handlers that the XState integration has made of the machine. */
export type Integration = Pick<
  ActorObjectHandlers<typeof boxEventsMachine>,
  'create' | 'send' | 'invokePromise'
>;

/** What the handlers are made of. */
export interface StreamHandlersOptions {
  readonly integration: Integration;
  /** The ids of the charts that the integration knows, the current one first. */
  readonly charts: readonly string[];
  /** What holds where `create` does not say. */
  readonly defaults: StreamStart;
}

type Message = NonNullable<Parameters<Integration['send']>[1]>;

export function createStreamHandlers({ integration, charts, defaults }: StreamHandlersOptions) {
  const [current] = charts;

  // A stream that began on an earlier chart moves to the current one as soon as no page is being delivered, which would come again.
  const hasToMove = ({ version = '', snapshot }: StoredStream) =>
    version !== current && !(isDelivering(snapshot) && charts.includes(version));

  return {
    async create(ctx: StreamContext, request?: { input?: StreamStart }): Promise<StreamSnapshot> {
      const stream = await readStream(ctx);
      if (stream.snapshot?.status === 'active') return toStreamSnapshot(stream.snapshot);
      const start = { ...defaults, ...keptOf(stream.snapshot, request?.input), ...request?.input };
      const input = check({ ...start, userId: ctx.key });
      return toStreamSnapshot(await step(ctx, stream, (view) => integration.create(view, { input })));
    },

    async send(ctx: StreamContext, request?: Message): Promise<StreamSnapshot | undefined> {
      const stream = await readStream(ctx);
      const sender = request?.target?.sessionId;
      if (request?.target === undefined) checkCommand(request?.event);
      // What was awaited in a state that the chart has left: nobody waits for it any more.
      else if (!isAwaited(stream, request)) return undefined;
      const { snapshot } = stream;
      if (!snapshot) throw notFollowed(ctx.key);
      if (snapshot.status !== 'active') return toStreamSnapshot(snapshot);
      const moves = hasToMove(stream);
      const next = await step(
        ctx,
        stream,
        async (view) => {
          if (moves) await integration.create(view, { input: resumeFrom(snapshot) });
          if (!moves || sender === undefined) await integration.send(view, request);
        },
        sender,
      );
      return sender === undefined ? toStreamSnapshot(next) : undefined;
    },

    async snapshot(ctx: SharedStreamContext): Promise<StreamSnapshot> {
      const { snapshot } = await readStream(ctx);
      if (!snapshot) throw notFollowed(ctx.key);
      return toStreamSnapshot(snapshot);
    },
  };
}

/** What of a stream that has ended a new one goes on with. */
function keptOf(snapshot: StoredSnapshot | undefined, start: StreamStart | undefined): StreamStart {
  return snapshot && start?.streamPosition === undefined ? resumeFrom(snapshot) : {};
}

function check(input: StreamInput & { userId: string }): StreamInput {
  if (!/^\w+$/.test(input.userId)) throw badRequest('The key must be the id of a Box user.');
  try {
    return checkInput(input);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

const commands = ['pause', 'resume', 'stop'];

function checkCommand(event: { type?: unknown } | undefined): void {
  if (typeof event?.type === 'string' && commands.includes(event.type)) return;
  throw badRequest('Send { "event": { "type": "pause" } }, "resume" or "stop".');
}

function isAwaited(
  { children = {}, events = {} }: StoredStream,
  { target, scheduledEvent }: Message,
): boolean {
  if (scheduledEvent) return Object.values(events).some(({ uuid }) => uuid === scheduledEvent.uuid);
  return Object.values(children).some(({ sessionId }) => sessionId === target?.sessionId);
}

function isDelivering(snapshot: StoredSnapshot | undefined): boolean {
  return typeof snapshot?.value === 'object' && 'delivering' in snapshot.value;
}

function badRequest(message: string): TerminalError {
  return new TerminalError(message, { errorCode: 400 });
}

function notFollowed(userId: string): TerminalError {
  return new TerminalError(`${userId} is not followed: call create first.`, { errorCode: 404 });
}
