import { type Duration, handlers, object, type VirtualObjectDefinition } from '@restatedev/restate-sdk';
import { xstate } from '@restatedev/xstate';
import type { AnyStateMachine } from 'xstate';
import { boxEventsMachine } from '../../machines/box-events.machine.ts';
import { clampRetryTimeout } from '../../machines/realtime-server.ts';
import { checkInput } from '../../machines/stream-input.ts';
import { createRequests, type ServicesOptions } from '../services.ts';
import { checkTokenForMany } from '../token.ts';
import { type Deliver, durableImplementations } from './durable-machine.ts';
import { runDurablePromise } from './durable-promise.ts';
import type { Integration, PromiseRequest } from './own-handlers.ts';
import type { SharedStreamContext } from './stored-stream.ts';
import { type BoxEventsHandlers, createStreamHandlers } from './stream-handlers.ts';

/** Who asks Box and how, what becomes of a page, and how Restate keeps the streams. */
export interface BoxEventsOnRestateOptions extends ServicesOptions {
  /** Handles a page; its position is committed once it has resolved. */
  readonly deliver: Deliver;
  /**
   * The name of the virtual object.
   *
   * @default 'boxEvents'
   */
  readonly name?: string | undefined;
  /**
   * How many ids of delivered events a stream keeps to drop duplicates, where `create` does not say. They are read and written at each
   * step of a change, three to five times: a thousand of them are 43 KB each time.
   *
   * @default 100
   */
  readonly recentSize?: number | undefined;
  /**
   * Charts of earlier releases on which streams may have begun. A stream moves to the current chart by itself, when nothing is being
   * delivered; a page that is being delivered just then is finished on its own chart if that is here, and else comes again.
   *
   * @default []
   */
  readonly versions?: readonly AnyStateMachine[] | undefined;
  /**
   * How long Restate keeps the journals of what has been done, a duration or milliseconds. They show what happened, and hold pages and
   * the keys of realtime servers.
   *
   * @default 0
   */
  readonly journalRetention?: Duration | number | undefined;
}

/**
 * The streams of any number of users as a virtual object of Restate, keyed by user id: the same chart, in which a stream outlives its
 * process and its machine. Serve it, or bind it to an endpoint that you have:
 *
 * ```ts
 * const boxEvents = boxEventsOnRestate({
 *   token,
 *   asUser: true,
 *   deliver: (page, ctx) => ctx.objectSendClient(ledger, page.userId).take(page),
 * });
 * await serve({ services: [boxEvents, ledger] });
 * ```
 *
 * @throws {TypeError} that says which option is wrong.
 */
export function boxEventsOnRestate({
  deliver,
  name = 'boxEvents',
  recentSize = 100,
  versions = [],
  journalRetention = 0,
  ...services
}: BoxEventsOnRestateOptions): VirtualObjectDefinition<string, BoxEventsHandlers> {
  if (typeof deliver !== 'function') throw new TypeError('deliver must be a function that handles a page.');
  checkTokenForMany(services);
  checkInput({ recentSize });
  const implementations = durableImplementations(createRequests(services), deliver);
  const integration = handlersOf(
    xstate(name, boxEventsMachine.provide(implementations), {
      versions: versions.map((machine) => machine.provide(implementations)),
    }),
  );
  const charts = [boxEventsMachine, ...versions].map(({ id }) => id);
  const stream = createStreamHandlers({ integration, charts, defaults: { recentSize } });
  return object({
    name,
    handlers: {
      create: stream.create,
      send: stream.send,
      snapshot: handlers.object.shared(stream.snapshot),
      tell: handlers.object.exclusive({ ingressPrivate: true }, stream.tell),
      invokePromise: handlers.object.shared(
        promiseOptions,
        (ctx: SharedStreamContext, { version = '', ...request }: PromiseRequest) => {
          // All charts have the same promises, so a current one may finish what began on a chart that is here no more.
          const known = charts.includes(version) ? version : boxEventsMachine.id;
          return runDurablePromise(ctx, (view) =>
            integration.invokePromise(view, { ...request, version: known }),
          );
        },
      ),
    },
    options: { journalRetention, retryPolicy },
  });
}

const minute = 60_000;

const promiseOptions = {
  ingressPrivate: true,
  // No promise reads the stream, which would be sent along with each of them.
  enableLazyState: true,
  // Restate hears nothing of a long poll until it is answered. By default it would ask for the invocation to be suspended after a minute,
  // and run each longer poll twice; and break it off after eleven, when a server may ask for up to an hour of silence.
  inactivityTimeout: clampRetryTimeout(Number.POSITIVE_INFINITY) + minute,
  abortTimeout: minute,
};

// By default Restate gives up after 70 attempts, which is about an hour, and waits for an operator: a worker may be away for longer.
const retryPolicy = {
  initialInterval: 100,
  exponentiationFactor: 2,
  maxInterval: 10_000,
  maxAttempts: 2 ** 31 - 1,
};

function handlersOf(definition: object): Integration {
  const made: unknown = Reflect.get(definition, 'object');
  if (isIntegration(made)) return made;
  throw new Error(
    'box-events knows @restatedev/xstate 0.5 with @restatedev/restate-sdk 1, and not what is installed here.',
  );
}

function isIntegration(made: unknown): made is Integration {
  return (
    typeof made === 'object' &&
    made !== null &&
    ['create', 'send', 'invokePromise'].every((handler) => typeof Reflect.get(made, handler) === 'function')
  );
}
