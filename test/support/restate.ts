import { createServer } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEndpointHandler, type EndpointOptions } from '@restatedev/restate-sdk';
import { type RestateServer, restateBinary } from '../../examples/restate/restate-server.ts';
import {
  type BoxEventsOnRestateOptions,
  boxEventsOnRestate,
  type StreamSnapshot,
  type StreamStart,
  type UserDelivery,
} from '../../src/restate/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { listen } from './listen.ts';

/** Whether there is a Restate server for this platform. */
export const hasRestate = restateBinary() !== undefined;

let objects = 0;

/** Streams of a simulated Box on Restate, under a name of their own, with a worker within this process. */
export async function followOnRestate(
  restate: RestateServer,
  box: Simulator,
  options: Partial<BoxEventsOnRestateOptions> = {},
  services: EndpointOptions['services'] = [],
) {
  const name = options.name ?? `boxEvents${++objects}`;
  const pages: UserDelivery[] = [];
  const boxEvents = boxEventsOnRestate({
    token: box.serviceToken,
    asUser: true,
    apiUrl: box.apiUrl,
    deliver: (page) => void pages.push(page),
    ...options,
    name,
  });
  const stopServing = await serve(restate, [boxEvents, ...services]);
  const call = (userId: string, handler: string, body?: unknown) =>
    restate.call<StreamSnapshot>(name, userId, handler, body);
  const snapshot = (userId: string) => call(userId, 'snapshot');
  return {
    name,
    pages,
    call,
    snapshot,
    create: (userId: string, input?: StreamStart) => call(userId, 'create', input && { input }),
    send: (userId: string, type: string) => call(userId, 'send', { event: { type } }),
    /** The ids of what was delivered to a user, in order. */
    idsOf: (userId: string) =>
      pages
        .filter((page) => page.userId === userId)
        .flatMap(({ events }) => events.map((event) => event.event_id)),
    /** Resolves with the first snapshot of which the condition holds. */
    async until(userId: string, condition: (snapshot: StreamSnapshot) => boolean): Promise<StreamSnapshot> {
      for (;;) {
        const seen = await snapshot(userId);
        if (condition(seen)) return seen;
        await sleep(20);
      }
    },
    /** What Restate keeps of a stream. */
    async stored(userId: string): Promise<string> {
      const rows = await restate.query<{ value_utf8: string }>(
        `select value_utf8 from state where service_name = '${name}' and service_key = '${userId}'`,
      );
      return rows.map((row) => row.value_utf8).join('\n');
    },
    [Symbol.asyncDispose]: async () => stopServing(),
  };
}

/** Serves objects to a Restate server. Resolves with what ends that. */
async function serve(restate: RestateServer, services: EndpointOptions['services']): Promise<() => void> {
  const server = createServer(createEndpointHandler({ services, logger: () => {} }));
  await restate.register(`http://127.0.0.1:${await listen(server)}`);
  return () => server.close();
}
