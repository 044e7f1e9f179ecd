import { boxEventsFor } from 'box-events';
import type { CreateClient } from './client.ts';

/** Ours, as one loop over all streams. */
export const createClient: CreateClient = (url) => {
  const listeners = new Map<string, () => void>();
  const events = boxEventsFor({
    users: [],
    token: ({ userId = '' }) => userId,
    apiUrl: `${url}/2.0`,
    startsPerSecond: 1_000,
    onFailed: ({ error }) => {
      throw error;
    },
  });
  const run = async () => {
    for await (const { userId } of events) listeners.get(userId)?.();
  };
  void run();
  return {
    listen: (userId, streamPosition, onEvent) => {
      listeners.set(userId, onEvent);
      void events.follow({ userId, streamPosition });
    },
    consume: () => {
      throw new Error('It is measured with many users only.');
    },
  };
};
