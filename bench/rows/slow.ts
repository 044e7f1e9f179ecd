import { setTimeout as sleep } from 'node:timers/promises';
import { streamClients } from '../client-names.ts';
import { startClient, startPages } from '../peers.ts';
import type { Row } from '../row.ts';

const perEvent = 5;
const watched = 4_000;

/** A consumer that is slower than Box. */
export const slow: Row = {
  name: 'slow',
  says: '50,000 events waiting, 5 ms for each',
  measures: [
    { name: 'ahead', says: 'events fetched ahead', unit: '', isAbsolute: true },
    { name: 'growth', says: 'heap for them', unit: 'MB', isAbsolute: true },
  ],
  clients: streamClients,
  runs: 5,
  async run(name, scale) {
    const count = Math.round(50_000 * scale);
    await using box = startPages(count, count);
    await using client = startClient(name, await box.call('url'));
    const before = await client.call('memory');
    await client.call('mark');
    await client.call('consume', 'token', '0', perEvent);
    await sleep(watched * Math.max(scale, 0.5));
    const { arrivals } = await client.call('measured');
    const served = await box.call('served');
    const after = await client.call('memory');
    return { ahead: served - arrivals.length, growth: (after.heap - before.heap) / 1e6 };
  },
};
