/** A realtime server as Box offers it, of which any may be used. */
export interface RealtimeServer {
  /** Where to poll. The channel in it is a key. */
  readonly url: string;
  /** How many times it may be polled again, once it was polled. */
  readonly maxRetries: number;
  /** How long a poll may stay silent, in milliseconds; absent where Box said nothing usable. */
  readonly retryTimeout?: number | undefined;
}

const defaultRetryTimeout = 610_000;
const shortestRetryTimeout = 1_000;
const longestRetryTimeout = 3_600_000;

/** The server in use: the index counts on across lists, so that a dead first server is not asked for ever. */
export function currentServer(servers: readonly RealtimeServer[], serverIndex: number): RealtimeServer {
  const server = servers[serverIndex % servers.length];
  if (!server) throw new Error('fetchServers must return one realtime server at least.');
  return server;
}

/** How long to wait for a poll's answer: what the server said, between 1 s and 1 h; 610 s when that is no positive number. */
export function clampRetryTimeout(retryTimeout: number | undefined): number {
  if (retryTimeout === undefined || !(retryTimeout > 0)) return defaultRetryTimeout;
  return Math.min(Math.max(retryTimeout, shortestRetryTimeout), longestRetryTimeout);
}
