import { TerminalError } from '@restatedev/restate-sdk';
import { fromPromise } from '@restatedev/xstate/promise';
import type { AnyActorLogic, PromiseActorLogic } from 'xstate';
import { BoxError, type BoxRequest } from '../../machines/box-error.ts';
import type { Delivery } from '../../machines/box-events.machine.ts';
import { contextView } from './context-view.ts';
import { describeFailure, Failure, type FailureDetails } from './failure.ts';
import { callsToSelf, messagesToSelf } from './own-handlers.ts';
import type { SharedStreamContext } from './stored-stream.ts';

/**
 * A request to Box as an actor that outlives its process. Its outcome is journaled before the chart is told of it: a run that is repeated
 * after a crash would get another answer, and Restate would refuse it for not being the one that it knows.
 *
 * When the invocation is cancelled, the request is aborted, and counts as failed for now.
 */
export function durableRequest<TOutput, TInput extends object>(
  name: BoxRequest,
  request: (input: TInput, signal: AbortSignal) => Promise<TOutput>,
): PromiseActorLogic<TOutput, TInput> {
  return durable<TOutput, TInput>(async (input, ctx) => {
    const aborting = new AbortController();
    const abort = () => aborting.abort();
    // The connection to the server is gone: the promise is run again, here or elsewhere.
    ctx.request().attemptCompletedSignal.addEventListener('abort', abort, { once: true });
    let outcome: Outcome<TOutput>;
    try {
      outcome = await ctx.run(name, () => settle(request(input, aborting.signal)));
    } catch {
      abort();
      throw new Failure(describeFailure(cancelled(name)));
    }
    if (outcome.failure === undefined) return outcome.output;
    ctx.console.warn(`${ctx.key}: ${outcome.failure.message}`);
    throw new Failure(outcome.failure);
  });
}

/**
 * The delivery of a page, as a call of the object's own handler. That is over before the chart is told: a delivery that told the chart by itself
 * might be run again after a crash though it had, and hand over a page after those that follow it.
 */
export function durableDelivery(): PromiseActorLogic<void, Delivery> {
  return durable<void, Delivery>(async (page, ctx) => {
    try {
      await callsToSelf(ctx).deliver(page);
    } catch (error) {
      throw new Failure(describeFailure(error));
    }
  });
}

/**
 * Runs a durable promise through the XState integration, and sees to what becomes of it.
 *
 * @param run Hands the context that it is given to the integration.
 */
export async function runDurablePromise(
  ctx: SharedStreamContext,
  run: (view: SharedStreamContext) => Promise<unknown>,
): Promise<void> {
  const view = contextView(ctx, {
    // The integration asks whether the state was disposed of, which it never is: no state is fetched for that.
    get: async () => null,
    objectClient: () => ({ send: messagesToSelf(ctx).tell }),
    console: contextView(ctx.console, { log: () => {} }),
  });
  originals.set(view, ctx);
  try {
    await run(view);
  } catch (error) {
    // The chart was told of a failure, and has decided what follows.
    if (error instanceof Failure) return;
    // Nobody was told that the integration could not run it, and the chart would wait for ever: some other release may know how.
    throw error instanceof TerminalError ? new Error(error.message) : error;
  }
}

// By what the integration hands on: the context as Restate gave it.
const originals = new WeakMap<object, SharedStreamContext>();

function durable<TOutput, TInput extends object>(
  run: (input: TInput, ctx: SharedStreamContext) => Promise<TOutput>,
): PromiseActorLogic<TOutput, TInput> {
  const logic: AnyActorLogic = fromPromise<TOutput, TInput>(async ({ input, ctx: view }) => {
    const ctx = originals.get(view);
    if (!ctx) throw new TerminalError('This promise runs within boxEventsOnRestate() only.');
    return await run(input, ctx);
  });
  // The invocation has the input: without it the page would be in the state twice.
  const getPersistedSnapshot: typeof logic.getPersistedSnapshot = ({ input, ...snapshot }) => snapshot;
  return { ...logic, getPersistedSnapshot };
}

type Outcome<T> = { output: T; failure?: never } | { failure: FailureDetails };

function settle<T>(request: Promise<T>): Promise<Outcome<T>> {
  return request.then(
    (output) => ({ output }),
    (error) => ({ failure: describeFailure(error) }),
  );
}

function cancelled(request: BoxRequest): BoxError {
  return new BoxError('The invocation was cancelled.', { request, transient: true });
}
