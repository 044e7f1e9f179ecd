import { type InvocationId, InvocationIdParser } from '@restatedev/restate-sdk';
import type { Delivery } from '../../machines/box-events.machine.ts';
import { contextView } from './context-view.ts';
import { type Integration, ownClient, type PromiseRequest } from './own-handlers.ts';
import {
  isAwaited,
  StateRecord,
  type StoredSnapshot,
  type StoredStream,
  type StreamContext,
} from './stored-stream.ts';

/** What leads to a step. */
export interface StepOptions {
  readonly integration: Integration;
  /** The session of the actor whose answer it is, if it is one. */
  readonly answered?: string | undefined;
}

/**
 * Has the integration take the chart one step further, keeps what comes of it, and cancels the long poll that the step has left.
 *
 * @param run Hands the context that it is given to the integration.
 */
export async function step(
  ctx: StreamContext,
  stream: StoredStream,
  { integration, answered }: StepOptions,
  run: (view: StreamContext) => Promise<unknown>,
): Promise<StoredSnapshot> {
  const record = new StateRecord(stream);
  const held = stream.longPoll;
  const own = ownClient(ctx);
  let polling: Promise<InvocationId> | undefined;
  const started: PromiseRequest[] = [];

  const view = contextView(ctx, {
    ...record.members,
    objectClient: () => ({ invokePromise: (request: PromiseRequest) => void started.push(request) }),
    objectSendClient: () => ({ send: own.tell }),
    console: contextView(ctx.console, { log: () => {} }),
  });
  await run(view);
  for (const request of started) {
    const { self, srcs } = request;
    if (!self || !isAwaited(stream, self)) continue;
    if (isNothingToDeliver(request, record.snapshot)) {
      await integration.send(view, { source: self, target: self, event: { type: resolved } });
    } else {
      // A message, where the integration makes a call whose answer nobody would read.
      const { invocationId } = own.invokePromise(request);
      if (srcs[0] === 'longPoll') polling = invocationId;
    }
  }

  const sessionId = stream.children?.longPoll?.sessionId;
  if (held && held.sessionId !== sessionId) {
    const { sessionId: session, invocationId } = held;
    if (session !== answered) ctx.invocation(InvocationIdParser.fromString(invocationId)).cancel();
    delete stream.longPoll;
  }
  if (polling && sessionId) stream.longPoll = { sessionId, invocationId: await polling };
  record.save(ctx);
  return record.snapshot;
}

// What the integration tells a promise actor whose promise has resolved.
const resolved = 'restate.promise.resolve';

/** Most polls end without news. Nobody needs to hear of a page without events whose position is the one that the stream has. */
function isNothingToDeliver({ srcs, input }: PromiseRequest, { context }: StoredSnapshot): boolean {
  if (srcs[0] !== 'deliver' || !isDelivery(input)) return false;
  return input.events.length === 0 && input.streamPosition === context.streamPosition;
}

function isDelivery(input: unknown): input is Delivery {
  return typeof input === 'object' && input !== null && 'events' in input && 'streamPosition' in input;
}
