import { type InvocationId, InvocationIdParser } from '@restatedev/restate-sdk';
import { contextView } from './context-view.ts';
import { ownClient, type PromiseRequest } from './own-handlers.ts';
import { type StoredSnapshot, type StoredStream, type StreamContext, StreamRecord } from './stored-stream.ts';

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

  const own = ownClient(ctx);

  // A message, where the integration makes a call whose answer nobody would read.
  const invokePromise = (request: PromiseRequest) => {
    const { invocationId } = own.invokePromise(request);
    if (request.srcs[0] === 'longPoll') polling = invocationId;
  };

  await run(
    contextView(ctx, {
      ...record.members,
      objectClient: () => ({ invokePromise }),
      objectSendClient: () => ({ send: own.tell }),
      console: contextView(ctx.console, { log: () => {} }),
    }),
  );

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
