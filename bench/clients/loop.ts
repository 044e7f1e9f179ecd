import { boxEvents, createServices } from 'box-events';
import type { CreateClient } from './client.ts';

/** Ours, as most use it: `for await (const event of boxEvents(…))`. The streams share their services. */
export const createClient: CreateClient = (url) => {
  const services = createServices({ token: ({ userId = '' }) => userId, apiUrl: `${url}/2.0` });
  return {
    listen: async (userId, streamPosition, onEvent) => {
      for await (const _event of boxEvents({ services, userId, streamPosition })) onEvent();
    },
    consume: async (userId, streamPosition, handle) => {
      for await (const _event of boxEvents({ services, userId, streamPosition })) await handle();
    },
  };
};
