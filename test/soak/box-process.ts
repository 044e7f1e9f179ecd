import { createSimulator } from '../../src/simulator/index.ts';
import type { BoxOptions, FromBox } from './box-messages.ts';
import { cycle, faultsOfCycle } from './faults.ts';

/*
 * A simulated Box in a process of its own: people work, things go wrong, and each event says of itself whose it is and which. Started by
 * box.ts.
 */

const options: BoxOptions = JSON.parse(process.argv[2] ?? '');
const { users, eventsPerSecond, speed } = options;
const box = await createSimulator({
  users,
  expiresIn: 3_600 / speed,
  retryTimeout: 610 / speed,
  reconnectAfter: 300_000 / speed,
});
const published = new Array<number>(users).fill(0);
const tick = 50;
let total = 0;
let due = 0;
let isResting = false;

const tell = (message: FromBox) => process.send?.(message);

function publishOne(): void {
  // One in ten things happens to one of ten people who do more than others.
  const user = Math.floor(Math.random() * (Math.random() < 0.1 ? 10 : users));
  const number = (published[user] ?? 0) + 1;
  published[user] = number;
  total += 1;
  const source = {
    type: 'file',
    id: String(total),
    name: `Report ${total}.pdf`,
    parent: { type: 'folder', id: '0' },
  };
  box.publish({ event_id: `${user}-${number}`, source }, { userId: box.users[user]?.id ?? '' });
}

const traffic = setInterval(() => {
  due += (eventsPerSecond * tick) / 1_000;
  for (; due >= 1; due -= 1) publishOne();
}, tick);

const begin = () => {
  if (isResting) return;
  for (const fault of faultsOfCycle(speed)) box.setFault(fault);
};
const cycles = setInterval(
  () => {
    box.clearFaults().then(begin, fail);
  },
  (cycle * 60_000) / speed,
);
begin();

const telling = setInterval(() => tell({ type: 'count', published: total, heldPolls: box.heldPolls }), 1_000);

function fail(error: unknown): void {
  process.stderr.write(`${error}\n`);
  process.exit(1);
}

process.on('message', async (message) => {
  if (message === 'rest') {
    isResting = true;
    clearInterval(traffic);
    clearInterval(cycles);
    await box.clearFaults();
    const { requests, faults } = box.report;
    tell({ type: 'rest', published, requests, faults });
  }
});
process.on('disconnect', () => {
  clearInterval(telling);
  process.exit();
});

const { apiUrl, tokenUrl, application } = box;
const { clientId, clientSecret, enterpriseId } = application;
tell({
  type: 'ready',
  follow: { apiUrl, tokenUrl, clientId, clientSecret, enterpriseId },
  userIds: box.users.map(({ id }) => id),
});
