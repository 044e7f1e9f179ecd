import { bestClients } from '../client-names.ts';
import { startClient, startPages } from '../peers.ts';
import type { Row } from '../row.ts';

const limit = 500;
const latency = 100;
const perPage = 100;
const longest = 20_000;

/** Everything that waits in a Box that is far away, for a consumer that takes its time. */
export const drainFar: Row = {
  name: 'drain-far',
  says: `10,000 events waiting, ${latency} ms away, and ${perPage} ms for ${limit} of them`,
  measures: [{ name: 'rate', says: 'events a second', unit: '/s', isGain: true }],
  clients: bestClients,
  runs: 5,
  async run(name, scale) {
    const count = limit * Math.ceil(20 * scale);
    await using box = startPages(count, count, { latency });
    await using client = startClient(name, await box.call('url'));
    const begun = await client.call('mark');
    await client.call('consume', 'token', '0', perPage, limit);
    await client.call('until', count, longest);
    const { arrivals } = await client.call('measured');
    return { rate: arrivals.length / (((arrivals.at(-1) ?? begun) - begun) / 1_000) };
  },
};
