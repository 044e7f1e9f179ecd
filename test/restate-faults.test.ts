import { expect, test } from 'vitest';
import { createRandom } from '../src/simulator/random.ts';
import { playFaults } from './restate/faults.ts';
import { hasRestate } from './support/restate.ts';

// `npm run test:restate` does the same with 200 users, for half a minute.
test.skipIf(!hasRestate)(
  'workers and server are killed at random: each event is taken once, in order, and nobody is stuck',
  async () => {
    const random = createRandom(2).next;
    const report = await playFaults({
      users: 20,
      backlog: 60,
      milliseconds: 5_000,
      eventsPerMinute: 1_200,
      random,
    });
    expect(new Set(report.killed).size).toBeGreaterThan(1);
    expect(report.events).toBeGreaterThan(1_240);
  },
  120_000,
);
