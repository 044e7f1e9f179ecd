import type { Context, ObjectSharedContext } from '@restatedev/restate-sdk';
import type { Delivery } from '../../machines/box-events.machine.ts';

/** A page of the user whose stream it is. */
export type UserDelivery = Delivery & { readonly userId: string };

/**
 * Handles a page. It is run again when it throws and when its process dies, for as long as it takes; what it does through Restate's
 * context is done once even then. A `TerminalError` is not retried: it ends the stream.
 *
 * When the connection to Restate is lost, the page is handed over again, while this run may still be at it: `ctx.request()` has an
 * `attemptCompletedSignal` that aborts then.
 */
export type Deliver = (page: UserDelivery, ctx: Context) => unknown;

/** The handler that hands pages to the application. */
export function deliveryHandler(deliver: Deliver) {
  return async (ctx: ObjectSharedContext, page: Delivery): Promise<void> => {
    // One that begins when it is over already would hand over a page after those that follow it.
    if (ctx.request().attemptCompletedSignal.aborted) throw new Error('The attempt is over.');
    await deliver({ ...page, userId: ctx.key }, ctx);
  };
}
