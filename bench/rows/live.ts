import { setTimeout as sleep } from 'node:timers/promises';
import { streamClients } from '../client-names.ts';
import { startClient, startPages } from '../peers.ts';
import type { Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';

const burst = 400;
const every = 40;
const warmUp = 100;
const longestLag = 5_000;

/** A busy account: bursts, ten thousand events a second. */
export const live: Row = {
  name: 'live',
  says: '10,000 events/s, in bursts of 400',
  measures: [
    { name: 'p50', says: 'delay p50', unit: 'ms' },
    { name: 'p99', says: 'delay p99', unit: 'ms' },
    { name: 'cpu', says: 'CPU an event', unit: 'µs' },
  ],
  // Version 3 as shipped asks once a second, and does not get through the warm-up.
  clients: streamClients.filter((name) => name !== 'sdk3'),
  runs: 5,
  async run(name, scale) {
    const bursts = Math.ceil(100 * scale);
    const early = Math.ceil(warmUp * scale);
    await using box = startPages((early + bursts) * burst, 0);
    await using client = startClient(name, await box.call('url'));
    await client.call('listen', ['token'], 'now');
    await sleep(1_000);
    await client.call('mark');
    await box.call('bursts', early, burst, every);
    await client.call('until', early * burst, longestLag);
    await client.call('mark');
    const times = await box.call('bursts', bursts, burst, every);
    await client.call('until', bursts * burst, longestLag);
    const { arrivals, cpu } = await client.call('measured');
    const delays = arrivals.map((at, index) => at - (times[Math.floor(index / burst)] ?? Number.NaN));
    return { p50: median(delays), p99: quantile(delays, 0.99), cpu: cpu / arrivals.length };
  },
};
