import { CancelledError, TerminalError } from '@restatedev/restate-sdk';
import { fromPromise } from '@restatedev/xstate/promise';
import type { AnyActorLogic, PromiseActorLogic } from 'xstate';
import { BoxError, type BoxRequest } from '../../machines/box-error.ts';
import { contextView } from './context-view.ts';
import { describeFailure, Failure, type FailureDetails } from './failure.ts';
import { type Message, ownClient } from './own-handlers.ts';
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
  return durable<TOutput, TInput>(async (input, { ctx }) => {
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
 * The delivery of a page. Restate runs it again for as long as it throws, with what it did through the context done already; a
 * `TerminalError` ends the stream.
 */
export function durableDelivery<TInput extends object>(
  deliver: (page: TInput, ctx: SharedStreamContext) => unknown,
): PromiseActorLogic<void, TInput> {
  return durable<void, TInput>(async (page, { ctx, retry }) => {
    // A run that begins when it is over already would hand over its page after those that follow it.
    if (ctx.request().attemptCompletedSignal.aborted) return retry(new Error('The attempt is over.'));
    try {
      await deliver(page, ctx);
    } catch (error) {
      if (error instanceof TerminalError) throw new Failure(describeFailure(error));
      if (await isCancelled(ctx)) throw new Failure(describeFailure(new CancelledError()));
      return retry(error);
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
    objectClient: () => ({
      send: (message: Message) => ownClient(ctx).tell({ ...message, by: ctx.request().id }),
    }),
    console: contextView(ctx.console, { log: () => {} }),
  });
  const retried = Promise.withResolvers<never>();
  attempts.set(view, {
    ctx,
    retry(error) {
      retried.reject(error);
      return new Promise(() => {});
    },
  });
  try {
    await Promise.race([run(view), retried.promise]);
  } catch (error) {
    // The chart was told of a failure, and has decided what follows.
    if (error instanceof Failure) return;
    // Nobody was told that the integration could not run it, and the chart would wait for ever: some other release may know how.
    throw error instanceof TerminalError ? new Error(error.message) : error;
  }
}

/** One run of a promise, of which there may be several. */
interface Attempt {
  /** The context as Restate gave it. */
  readonly ctx: SharedStreamContext;
  /** Ends this attempt without telling the chart, and has Restate make another one. Never resolves. */
  retry(error: unknown): Promise<never>;
}

// Found by what the integration hands on of the context.
const attempts = new WeakMap<object, Attempt>();

function durable<TOutput, TInput extends object>(
  run: (input: TInput, attempt: Attempt) => Promise<TOutput>,
): PromiseActorLogic<TOutput, TInput> {
  const logic: AnyActorLogic = fromPromise<TOutput, TInput>(async ({ input, ctx }) => {
    const attempt = attempts.get(ctx);
    if (!attempt) throw new TerminalError('This promise runs within boxEventsOnRestate() only.');
    return await run(input, attempt);
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

/** Whether an operator has cancelled the invocation: a handler hears of it only as it awaits something of Restate. If not now, then in the next run. */
async function isCancelled(ctx: SharedStreamContext): Promise<boolean> {
  // A signal that nobody sends, which leaves no trace in the journal.
  const hears = ctx.signal('never').then(
    () => false,
    (error) => error instanceof CancelledError,
  );
  const silence = new Promise<boolean>((resolve) => setTimeout(resolve, 50, false));
  return await Promise.race([hears, silence]);
}

function cancelled(request: BoxRequest): BoxError {
  return new BoxError('The invocation was cancelled.', { request, transient: true });
}
