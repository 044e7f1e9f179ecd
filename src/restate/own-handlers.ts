import type { Context, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { ActorObjectHandlers } from '@restatedev/xstate';
import type { boxEventsMachine, Delivery } from '../../machines/box-events.machine.ts';

/** The handlers that the XState integration makes of the machine. */
export type Integration = Pick<
  ActorObjectHandlers<typeof boxEventsMachine>,
  'create' | 'send' | 'invokePromise'
>;

/** What promises and timers send to their stream. */
export type Message = NonNullable<Parameters<Integration['send']>[1]>;

/** A promise that the chart has started. */
export type PromiseRequest = Parameters<Integration['invokePromise']>[1];

/** The handlers that an object calls on itself, and nobody else can. */
export interface OwnHandlers {
  /** Runs a promise. */
  invokePromise(ctx: ObjectSharedContext, request: PromiseRequest): Promise<void>;
  /** Hands a page to the application. */
  deliver(ctx: ObjectSharedContext, page: Delivery): Promise<void>;
  /** Tells the chart what came of a promise, or that a timer went off. */
  tell(ctx: ObjectSharedContext, message: Message): Promise<void>;
}

type Keyed = Context & { readonly key: string };

/** Sends messages to the object in which a handler runs. */
export function messagesToSelf(ctx: Keyed) {
  return ctx.objectSendClient<OwnHandlers>({ name: ctx.request().target.service }, ctx.key);
}

/** Calls the object in which a handler runs. */
export function callsToSelf(ctx: Keyed) {
  return ctx.objectClient<OwnHandlers>({ name: ctx.request().target.service }, ctx.key);
}
