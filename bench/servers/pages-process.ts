import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../calls.ts';
import { ReadyPages } from './ready-pages.ts';
import { sampleEvents } from './sample-events.ts';

/*
 * A Box for one user that serves ready-made pages and does next to nothing for them, so that a fast client is not held up by its server.
 * Its answers are those of the simulator: byte for byte in events, lists of servers and polls.
 */

const [eventCount = '0', waiting = '0', latency = '0'] = process.argv.slice(2);
const pages = new ReadyPages(await sampleEvents(2_000), Number(eventCount));
let available = Number(waiting);
let served = 0;
let held: { from: number; response: ServerResponse }[] = [];

const server = createServer({ keepAliveTimeout: 60_000 }, ({ method, url = '' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const position = searchParams.get('stream_position') ?? '0';
  const from = position === 'now' ? available : pages.indexOf(position);
  response.setHeader('content-type', 'application/json');
  if (pathname === '/subscribe') poll(from, response);
  else if (method === 'OPTIONS') fromAfar(() => response.end(JSON.stringify(servers())));
  else fromAfar(() => answerPage(from, Number(searchParams.get('limit') ?? 100), response));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

function fromAfar(answer: () => void): void {
  if (latency === '0') answer();
  else setTimeout(answer, Number(latency));
}

function servers() {
  const url = `http://127.0.0.1:${port}/subscribe?channel=0123456789abcdef&stream_type=all`;
  const entry = { type: 'realtime_server', url, ttl: '10', max_retries: '10', retry_timeout: 610 };
  return { chunk_size: 1, entries: [entry] };
}

function answerPage(from: number, limit: number, response: ServerResponse): void {
  const to = Math.max(from, Math.min(from + limit, available));
  served = Math.max(served, to);
  const parts = pages.page(from, to);
  response.setHeader(
    'content-length',
    parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
  );
  response.cork();
  for (const part of parts) response.write(part);
  response.end();
  response.uncork();
}

// Box closes the connection of a poll.
function poll(from: number, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  if (from < available) announce(response);
  else held.push({ from, response });
}

function announce(response: ServerResponse): void {
  response.end('{"version":1,"message":"new_change"}');
}

const calls = {
  url: () => `http://127.0.0.1:${port}`,
  /** How many events were asked for and served. */
  served: () => served,
  /** Has so many bursts of events happen, one every so many milliseconds. Returns when each happened. */
  async bursts(count: number, size: number, every: number): Promise<number[]> {
    const times: number[] = [];
    const begun = performance.now();
    while (times.length < count) {
      await sleep(Math.max(0, begun + times.length * every - performance.now()));
      times.push(Number(process.hrtime.bigint() / 1_000n) / 1_000);
      available += size;
      const news = held;
      held = [];
      for (const { response } of news) announce(response);
    }
    return times;
  },
};

export type PagesCalls = typeof calls;
answerCalls(calls);
