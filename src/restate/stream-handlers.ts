import { type ObjectContext, type ObjectSharedContext, TerminalError } from '@restatedev/restate-sdk';
import type { BoxEventsCommand } from '../../machines/box-events.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import { checkInput, type StreamInput } from '../../machines/stream-input.ts';
import type { Integration, Message, Told } from './own-handlers.ts';
import { step } from './step.ts';
import {
  isAwaited,
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

/** What the handlers are made of. */
export interface StreamHandlersOptions {
  readonly integration: Integration;
  /** The ids of the charts that the integration knows, the current one first. */
  readonly charts: readonly string[];
  /** What holds where `create` does not say. */
  readonly defaults: StreamStart;
}

export function createStreamHandlers({ integration, charts, defaults }: StreamHandlersOptions) {
  const [current] = charts;

  // A stream that began on an earlier chart moves to the current one as soon as no page is being delivered, which would come again.
  const hasToMove = ({ version = '', snapshot }: StoredStream) =>
    version !== current && !(isDelivering(snapshot) && charts.includes(version));

  return {
    async create(ctx: StreamContext, request?: { input?: StreamStart }): Promise<StreamSnapshot> {
      const given = readStart(request);
      const stream = await readStream(ctx);
      if (stream.snapshot?.status === 'active') return toStreamSnapshot(stream.snapshot);
      const start = { ...defaults, ...keptOf(stream.snapshot, given), ...given };
      const input = check({ ...start, userId: ctx.key });
      const run = (view: StreamContext) => integration.create(view, { input });
      return toStreamSnapshot(await step(ctx, stream, { integration }, run));
    },

    async send(ctx: StreamContext, request?: { event: BoxEventsCommand }): Promise<StreamSnapshot> {
      const event = readCommand(request?.event);
      const stream = await readStream(ctx);
      const { snapshot } = stream;
      if (!snapshot) throw notFollowed(ctx.key);
      if (snapshot.status !== 'active') return toStreamSnapshot(snapshot);
      const next = await step(ctx, stream, { integration }, async (view) => {
        if (hasToMove(stream)) await integration.create(view, { input: resumeFrom(snapshot) });
        await integration.send(view, { event });
      });
      return toStreamSnapshot(next);
    },

    async tell(ctx: StreamContext, message: Told): Promise<void> {
      const stream = await readStream(ctx);
      const { snapshot } = stream;
      // What was awaited in a state that the chart has left: nobody waits for it any more.
      if (snapshot?.status !== 'active' || !isExpected(stream, message)) return;
      await hasEnded(ctx, message);
      const run = hasToMove(stream)
        ? (view: StreamContext) => integration.create(view, { input: resumeFrom(snapshot) })
        : (view: StreamContext) => integration.send(view, message);
      await step(ctx, stream, { integration, answered: message.target?.sessionId }, run);
    },

    async snapshot(ctx: SharedStreamContext): Promise<StreamSnapshot> {
      const { snapshot } = await readStream(ctx);
      if (!snapshot) throw notFollowed(ctx.key);
      return toStreamSnapshot(snapshot);
    },
  };
}

/** What of a stream that has ended a new one goes on with. */
function keptOf(snapshot: StoredSnapshot | undefined, start: StreamStart): StreamStart {
  return snapshot && start.streamPosition === undefined ? resumeFrom(snapshot) : {};
}

/** What `create` was given. A `streamPosition` beside `input` is refused: the stream would begin at `now`, and miss what was asked for. */
function readStart(request: unknown): StreamStart {
  const given = request ?? {};
  const input = isRecord(given) && 'input' in given ? (given.input ?? {}) : {};
  if (isRecord(given) && Object.keys(given).every((name) => name === 'input') && isRecord(input))
    return input;
  throw badRequest('Send { "input": { "streamPosition": "0" } }, or {}.');
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(input: StreamInput & { userId: string }): StreamInput {
  if (!/^\d+$/.test(input.userId))
    throw badRequest('The key must be the id of a Box user, a decimal number.');
  try {
    return checkInput(input);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

const commands = ['pause', 'resume', 'stop'] as const;

function readCommand(event: { type?: unknown } | null | undefined): BoxEventsCommand {
  const type = commands.find((command) => command === event?.type);
  if (type) return { type };
  throw badRequest('Send { "event": { "type": "pause" } }, "resume" or "stop".');
}

function isExpected(stream: StoredStream, { target, scheduledEvent }: Message): boolean {
  if (!scheduledEvent) return target !== undefined && isAwaited(stream, target);
  return Object.values(stream.events ?? {}).some(({ uuid }) => uuid === scheduledEvent.uuid);
}

/**
 * Waits for the end of a delivery of which the chart is told. What has not ended yet is run again after a crash, and what `deliver` does
 * by itself is done again then: that must not be after the pages that follow. What comes of other promises is journaled.
 */
async function hasEnded(ctx: StreamContext, { target, by }: Told): Promise<void> {
  if (target?.id !== 'deliver' || by === undefined) return;
  // How it ended the chart is told already.
  await ctx
    .invocation(by)
    .attach()
    .catch(() => {});
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
