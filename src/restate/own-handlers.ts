import type { Context, InvocationId, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { ActorObjectHandlers } from '@restatedev/xstate';
import type { boxEventsMachine } from '../../machines/box-events.machine.ts';

/** The handlers that the XState integration makes of the machine. */
export type Integration = Pick<
  ActorObjectHandlers<typeof boxEventsMachine>,
  'create' | 'send' | 'invokePromise'
>;

/** What promises and timers send to their stream. */
export type Message = NonNullable<Parameters<Integration['send']>[1]>;

/** What a promise tells the chart, and which invocation ran it. */
export type Told = Message & { readonly by?: InvocationId };

/** A promise that the chart has started. */
export type PromiseRequest = Parameters<Integration['invokePromise']>[1];

/** The handlers that an object calls on itself, and nobody else can. */
export interface OwnHandlers {
  /** Runs a promise. */
  invokePromise(ctx: ObjectSharedContext, request: PromiseRequest): Promise<void>;
  /** Tells the chart what came of a promise, or that a timer went off. */
  tell(ctx: ObjectSharedContext, message: Told): Promise<void>;
}

/** Sends messages to the object in which a handler runs. */
export function ownClient(ctx: Context & { readonly key: string }) {
  return ctx.objectSendClient<OwnHandlers>({ name: ctx.request().target.service }, ctx.key);
}
