import { boxEventsMachine, createServices, type Delivery } from 'box-events';
import { createActor, fromPromise } from 'xstate';
import type { CreateClient } from './client.ts';

/** Ours, as an actor for each stream on one machine. */
export const createClient: CreateClient = (url) => {
  const actors = createServices({ token: ({ userId = '' }) => userId, apiUrl: `${url}/2.0` });
  const machine = boxEventsMachine.provide({ actors });
  return {
    listen: (userId, streamPosition, onEvent) => {
      const actor = createActor(machine, { input: { userId, streamPosition } });
      actor.on('event', onEvent);
      actor.start();
    },
    consume: (userId, streamPosition, handle) => {
      const deliver = fromPromise<void, Delivery>(async ({ input }) => {
        for (const _event of input.events) await handle();
      });
      const delivering = machine.provide({ actors: { deliver } });
      createActor(delivering, { input: { userId, streamPosition } }).start();
    },
  };
};
