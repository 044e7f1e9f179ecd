import { streamClients } from '../client-names.ts';
import { startClient, startSimulator } from '../peers.ts';
import type { Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';

const longest = 8_000;
// A stream lives for days: what counts is code that has run for a while. After 600 changes ours still took 2.5 times the floor's CPU,
// after 4,000 it took 1.9 times.
const warmUp = 4_000;
const longestWarmUp = 10_000;
const quiet = 2;

/** One change while a poll is held, until a listener has it. */
export const wake: Row = {
  name: 'wake',
  says: 'one change while a poll is held, until a listener has it',
  measures: [
    { name: 'p50', says: 'delay p50', unit: 'ms' },
    { name: 'p99', says: 'delay p99', unit: 'ms' },
    { name: 'cpu', says: 'CPU a change', unit: 'µs' },
    { name: 'calls', says: 'API calls a change', unit: '', isAbsolute: true },
  ],
  clients: streamClients,
  runs: 5,
  async run(name, scale) {
    const count = 11 * Math.ceil(40 * scale);
    await using box = startSimulator();
    const [token = ''] = await box.call('tokens');
    await using client = startClient(name, await box.call('url'));
    await client.call('listen', [token], 'now');
    await box.call('changes', Math.ceil(warmUp * scale), longestWarmUp, 0);
    await box.call('untilHeld', 1);
    const before = await box.call('apiCalls');
    await client.call('mark');
    const times = await box.call('changes', count, longest, quiet);
    await client.call('until', times.length, 2_000);
    const { arrivals, cpu } = await client.call('measured');
    const delays = arrivals.map((arrival, index) => arrival - (times[index] ?? Number.NaN));
    return {
      p50: median(delays),
      p99: quantile(delays, 0.99),
      cpu: cpu / delays.length,
      calls: ((await box.call('apiCalls')) - before) / times.length,
    };
  },
};
