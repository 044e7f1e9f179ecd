import { type InvocationId, InvocationIdParser } from '@restatedev/restate-sdk';
import type { SerialisableActorRef } from '@restatedev/xstate';
import type { Delivery } from '../../machines/box-events.machine.ts';
import { contextView } from './context-view.ts';
import { type Integration, ownClient, type PromiseRequest } from './own-handlers.ts';
import { type StoredSnapshot, type StoredStream, type StreamContext, StreamRecord } from './stored-stream.ts';

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
  const record = new StreamRecord(stream);
  const held = stream.longPoll;
  const own = ownClient(ctx);
  let polling: Promise<InvocationId> | undefined;
  let idle: SerialisableActorRef | undefined;

  // A message, where the integration makes a call whose answer nobody would read.
  const invokePromise = (request: PromiseRequest) => {
    if (isNothingToDeliver(request, stream)) {
      idle = request.self;
      return;
    }
    const { invocationId } = own.invokePromise(request);
    if (request.srcs[0] === 'longPoll') polling = invocationId;
  };

  const view = contextView(ctx, {
    ...record.members,
    objectClient: () => ({ invokePromise }),
    objectSendClient: () => ({ send: own.tell }),
    console: contextView(ctx.console, { log: () => {} }),
  });
  await run(view);
  if (idle)
    await integration.send(view, { source: idle, target: idle, event: { type: 'restate.promise.resolve' } });

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

/** Most polls end without news. Nobody needs to hear of a page without events whose position is the one that the stream has. */
function isNothingToDeliver({ srcs, input }: PromiseRequest, { snapshot }: StoredStream): boolean {
  if (srcs[0] !== 'deliver' || !isDelivery(input)) return false;
  return input.events.length === 0 && input.streamPosition === snapshot?.context.streamPosition;
}

function isDelivery(input: unknown): input is Delivery {
  return typeof input === 'object' && input !== null && 'events' in input && 'streamPosition' in input;
}
