import type { Context } from '@restatedev/restate-sdk';
import { assign } from 'xstate';
import { backoffDelay } from '../../machines/backoff.ts';
import { isTransient } from '../../machines/box-error.ts';
import type {
  BoxEventsCommand,
  BoxEventsContext,
  Delivery,
  RealtimeAnswer,
  ServersInput,
} from '../../machines/box-events.machine.ts';
import type { RealtimeServer } from '../../machines/realtime-server.ts';
import type { createRequests } from '../services.ts';
import { durableDelivery, durableRequest } from './durable-promise.ts';

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

/** What the machine is provided with on Restate. */
export function durableImplementations(requests: ReturnType<typeof createRequests>, deliver: Deliver) {
  return {
    actors: {
      fetchServers: durableRequest<readonly RealtimeServer[], ServersInput>('servers', requests.fetchServers),
      longPoll: durableRequest('poll', requests.longPoll),
      fetchEvents: durableRequest('events', requests.fetchEvents),
      deliver: durableDelivery<Delivery>((page, ctx) => deliver({ ...page, userId: ctx.key }, ctx)),
    },
    actions: {
      // As in the machine, but with a random number that is the same when Restate runs the transition again: it would refuse another one.
      planBackoff: assign<BoxEventsContext, Event, unknown, Event, never>(({ context, system }, error) => {
        if (!isTransient(error)) return {};
        const attempt = context.attempt + 1;
        const delay = backoffDelay(attempt, error.retryAfter, contextOf(system).rand.random());
        return { attempt, delay };
      }),
    },
  };
}

type Event = BoxEventsCommand | RealtimeAnswer;

function contextOf(system: object): Context {
  if (isRestateSystem(system)) return system.ctx;
  throw new Error('This machine runs on Restate only.');
}

function isRestateSystem(system: object): system is { ctx: Context } {
  return 'ctx' in system;
}
