import { streamClients } from '../client-names.ts';
import { startClient, startPages } from '../peers.ts';
import type { Row } from '../row.ts';

const longest = 10_000;

/** Everything that waits, as fast as it goes. */
export const drain: Row = {
  name: 'drain',
  says: '100,000 events waiting',
  measures: [
    { name: 'rate', says: 'events a second', unit: '/s', isGain: true },
    { name: 'cpu', says: 'CPU an event', unit: 'µs' },
  ],
  clients: streamClients,
  runs: 5,
  async run(name, scale) {
    const count = Math.round(100_000 * scale);
    await using box = startPages(count, count);
    await using client = startClient(name, await box.call('url'));
    const begun = await client.call('mark');
    await client.call('listen', ['token'], '0');
    await client.call('until', count, longest);
    const { arrivals, cpu } = await client.call('measured');
    const seconds = ((arrivals.at(-1) ?? begun) - begun) / 1_000;
    return { rate: arrivals.length / seconds, cpu: cpu / arrivals.length };
  },
};
