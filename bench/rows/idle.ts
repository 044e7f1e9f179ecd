import { setTimeout as sleep } from 'node:timers/promises';
import { fanClients } from '../client-names.ts';
import { startClient, startSimulator } from '../peers.ts';
import type { Row } from '../row.ts';

/** Streams of users to whom nothing happens, and a moment at which all of them are told to reconnect. */
export const idle = [1_000, 10_000].map(
  (streams): Row => ({
    name: `idle-${streams}`,
    says: `${streams.toLocaleString('en')} streams, polls held`,
    measures: [
      { name: 'heap', says: 'heap a stream', unit: 'KB', isAbsolute: true },
      { name: 'rss', says: 'RSS a stream', unit: 'KB', isAbsolute: true },
      { name: 'setup', says: 'CPU to set one up', unit: 'µs' },
      { name: 'wave', says: 'CPU of a reconnect', unit: 'µs' },
    ],
    clients: fanClients,
    runs: 5,
    async run(name, scale) {
      const count = Math.round(streams * scale);
      await using box = startSimulator({ users: early + count, waves: true });
      const tokens = await box.call('tokens');
      await using client = startClient(name, await box.call('url'));
      const start = async (begin: number, end: number) => {
        for (let started = begin; started < end; started += batch) {
          await client.call('listen', tokens.slice(started, Math.min(started + batch, end)), 'now');
          await box.call('untilHeld', started);
        }
        await box.call('untilHeld', end);
        await sleep(settling);
      };
      await start(0, early);
      await box.call('wave');
      await sleep(settling);
      const before = await client.call('memory');
      await client.call('mark');
      await start(early, early + count);
      const { cpu: setup } = await client.call('measured');
      const after = await client.call('memory');
      await client.call('mark');
      await box.call('wave');
      const { cpu: wave } = await client.call('measured');
      return {
        heap: (after.heap - before.heap) / 1_000 / count,
        rss: (after.rss - before.rss) / 1_000 / count,
        setup: setup / count,
        wave: wave / (early + count),
      };
    },
  }),
);

const batch = 20;
// Polls are held for minutes: what belongs to their first seconds is over.
const settling = 2_500;
// They come before what is measured, which is streams, and not the code that they share.
const early = 200;
