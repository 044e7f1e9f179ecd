import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from './calls.ts';
import type { CreateClient } from './clients/client.ts';

const [name = '', url = ''] = process.argv.slice(2);
const { createClient }: { createClient: CreateClient } = await import(`./clients/${name}.js`);
const client = createClient(url);

let arrivals: number[] = [];
let usage = process.cpuUsage();
let reached: { count: number; resolve: () => void } | undefined;

const onEvent = () => {
  arrivals.push(now());
  if (arrivals.length === reached?.count) reached.resolve();
};

const calls = {
  /** Follows a stream for each token. */
  listen(tokens: string[], streamPosition: string): void {
    for (const token of tokens) client.listen(token, streamPosition, onEvent);
  },
  /** Follows a stream, and takes some milliseconds for each event, or for so many of them. */
  consume(token: string, streamPosition: string, milliseconds: number, events = 1): void {
    client.consume(token, streamPosition, async () => {
      onEvent();
      if (arrivals.length % events === 0) await sleep(milliseconds);
    });
  },
  /** Begins to measure. Returns the time. */
  mark(): number {
    arrivals = [];
    usage = process.cpuUsage();
    return now();
  },
  /** Waits until so many events have arrived, but not longer than so many milliseconds. */
  async until(count: number, milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    reached = { count, resolve };
    if (arrivals.length >= count) resolve();
    await Promise.race([promise, sleep(milliseconds)]);
  },
  /** What was measured since the mark: the time of each event that arrived, and CPU in microseconds. */
  measured(): { arrivals: number[]; cpu: number } {
    const { user, system } = process.cpuUsage(usage);
    return { arrivals, cpu: user + system };
  },
  /** Bytes of memory in use, after the garbage was collected. */
  async memory(): Promise<{ heap: number; rss: number }> {
    for (let round = 0; round < 3; round += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, rss };
  },
};

export type ClientCalls = typeof calls;
answerCalls(calls);

/** Milliseconds of a clock that all processes share. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
