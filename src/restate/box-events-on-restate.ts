import { type Duration, handlers, object, type VirtualObjectDefinition } from '@restatedev/restate-sdk';
import { xstate } from '@restatedev/xstate';
import type { AnyStateMachine } from 'xstate';
import { boxEventsMachine } from '../../machines/box-events.machine.ts';
import { clampRetryTimeout } from '../../machines/realtime-server.ts';
import { createRequests, type ServicesOptions } from '../services.ts';
import { type DeliverOnRestate, durableImplementations } from './durable-machine.ts';
import { runDurablePromise } from './durable-promise.ts';
import type { SharedStreamContext } from './stored-stream.ts';
import { type BoxEventsHandlers, createStreamHandlers, type Integration } from './stream-handlers.ts';

export interface BoxEventsOnRestateOptions extends ServicesOptions {
  readonly deliver: DeliverOnRestate;
  readonly name?: string;
  readonly recentSize?: number;
  readonly versions?: readonly AnyStateMachine[];
  readonly journalRetention?: Duration | number;
}

const longestPoll = clampRetryTimeout(Number.POSITIVE_INFINITY);

export function boxEventsOnRestate({
  deliver,
  name = 'boxEvents',
  recentSize = 100,
  versions = [],
  journalRetention = 0,
  ...services
}: BoxEventsOnRestateOptions): VirtualObjectDefinition<string, BoxEventsHandlers> {
  const implementations = durableImplementations(createRequests(services), deliver);
  const integration = handlersOf(
    xstate(name, boxEventsMachine.provide(implementations), {
      versions: versions.map((machine) => machine.provide(implementations)),
    }),
  );
  const { create, send, snapshot } = createStreamHandlers(integration, { recentSize });
  return object({
    name,
    handlers: {
      create,
      send,
      snapshot: handlers.object.shared(snapshot),
      invokePromise: handlers.object.shared(
        {
          ingressPrivate: true,
          enableLazyState: true,
          inactivityTimeout: longestPoll + 60_000,
          abortTimeout: 60_000,
        },
        (ctx: SharedStreamContext, request: Parameters<Integration['invokePromise']>[1]) =>
          runDurablePromise(ctx, (view) => integration.invokePromise(view, request)),
      ),
    },
    options: {
      journalRetention,
      retryPolicy: {
        initialInterval: 100,
        exponentiationFactor: 2,
        maxInterval: 10_000,
        maxAttempts: 1_000_000_000,
      },
    },
  });
}

function handlersOf(definition: object): Integration {
  const made: unknown = Reflect.get(definition, 'object');
  if (isIntegration(made)) return made;
  throw new Error('This version of @restatedev/xstate is not the one that box-events knows.');
}

function isIntegration(made: unknown): made is Integration {
  return (
    typeof made === 'object' &&
    made !== null &&
    ['create', 'send', 'invokePromise'].every((name) => typeof Reflect.get(made, name) === 'function')
  );
}
