import { parseArgs } from 'node:util';
import { createRandom } from '../../src/simulator/random.ts';
import { playFaults } from './faults.ts';

// npm run test:restate -- --users 200 --seconds 30 --seed 7
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000) },
  },
});

// An exit, at which the processes end, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const began = performance.now();
const say = (what: string) => {
  console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s  ${what}`);
};

say(`The seed is ${values.seed}.`);
const { killed, events, repeatedPages, repeatedInLedgers } = await playFaults({
  users: Number(values.users),
  backlog: 8,
  milliseconds: Number(values.seconds) * 1_000,
  eventsPerMinute: 3_000,
  random: createRandom(Number(values.seed)).next,
  say,
});
say(`${killed.length} were killed, ${killed.filter((name) => name === 'server').length} times the server.`);
say(
  `${events} events happened. Each reached its ledger once and in order, though ${repeatedInLedgers} were sent again.`,
);
say(
  `Each reached the sink outside of Restate at least once, and in order; ${repeatedPages} pages came twice.`,
);
say('Every user stood where Box stood, held one poll, and stopped.');
