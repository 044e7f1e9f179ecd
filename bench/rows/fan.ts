import { fanClients } from '../client-names.ts';
import { startClient, startSimulator } from '../peers.ts';
import type { Row } from '../row.ts';

const streams = 200;
const perSecond = 400;
const warmUp = 2_000;
const longestLag = 5_000;

/** Many users in one process, each with something happening. */
export const fan: Row = {
  name: 'fan',
  says: '200 streams, 400 changes/s',
  measures: [{ name: 'cpu', says: 'CPU an event', unit: 'µs' }],
  clients: fanClients,
  runs: 5,
  async run(name, scale) {
    const count = Math.round(2_000 * scale);
    const early = Math.round(warmUp * scale);
    await using box = startSimulator({ users: streams });
    await using client = startClient(name, await box.call('url'));
    await client.call('listen', await box.call('tokens'), 'now');
    await box.call('untilHeld', streams);
    await client.call('mark');
    await box.call('fan', early, perSecond);
    await client.call('until', early, longestLag);
    await client.call('mark');
    await box.call('fan', count, perSecond);
    await client.call('until', count, longestLag);
    const { arrivals, cpu } = await client.call('measured');
    return { cpu: cpu / arrivals.length };
  },
};
