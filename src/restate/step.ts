import { type InvocationId, InvocationIdParser, type ObjectSharedContext } from '@restatedev/restate-sdk';
import { contextView } from './context-view.ts';
import { type StoredSnapshot, type StoredStream, type StreamContext, StreamRecord } from './stored-stream.ts';

/** What an actor of the machine asks of Restate. */
interface PromiseRequest {
  readonly srcs: readonly string[];
}

interface PromiseRunner {
  invokePromise(ctx: ObjectSharedContext, request: PromiseRequest): Promise<void>;
}

/**
 * Has the integration take the chart one step further, keeps what comes of it, and cancels the long poll that the step has left.
 *
 * @param run Hands the context that it is given to the integration.
 * @param answered The session of the actor whose answer leads to this step.
 */
export async function step(
  ctx: StreamContext,
  stream: StoredStream,
  run: (view: StreamContext) => Promise<unknown>,
  answered?: string,
): Promise<StoredSnapshot> {
  const record = new StreamRecord(stream);
  const held = stream.longPoll;
  let polling: Promise<InvocationId> | undefined;

  // A message, where the integration makes a call whose answer nobody would read.
  const invokePromise = (request: PromiseRequest) => {
    const { service } = ctx.request().target;
    const own = ctx.objectSendClient<PromiseRunner>({ name: service }, ctx.key);
    const { invocationId } = own.invokePromise(request);
    if (request.srcs[0] === 'longPoll') polling = invocationId;
  };

  await run(
    contextView(ctx, {
      ...record.members,
      objectClient: () => ({ invokePromise }),
      console: contextView(ctx.console, { log: () => {} }),
    }),
  );

  const sessionId = stream.children?.longPoll?.sessionId;
  if (held && held.sessionId !== sessionId) {
    if (held.sessionId !== answered)
      ctx.invocation(InvocationIdParser.fromString(held.invocationId)).cancel();
    delete stream.longPoll;
  }
  if (polling && sessionId) stream.longPoll = { sessionId, invocationId: await polling };
  record.save(ctx);
  return record.snapshot;
}
