import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBox } from './box.ts';
import { followAll } from './follower.ts';
import { growthIn, type Sample } from './growth.ts';

/*
 * Follows 2,000 users in one process for an hour of Box's time, while things happen and go wrong, users leave and come back:
 *
 *   npm run soak:users                      the hour in five minutes: Box's timings are a twelfth
 *   npm run soak:users -- --minutes 10      in real time
 *
 * Fails when an event is missing or comes twice, when a stream fails, or when memory or handles grow; growth.ts has the rule.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    users: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '200' },
  },
});
const users = Number(values.users);
const eventsPerSecond = Number(values.rate);
const speed = values.minutes === undefined ? 12 : 1;
const minutes = values.minutes === undefined ? 5 : Number(values.minutes);
const rows = values.minutes === undefined ? 12 : Math.max(6, Math.round(minutes));
if (!(minutes > 0 && users > 0 && eventsPerSecond > 0)) {
  throw new Error(
    '--minutes, --users and --rate must be numbers above 0: npm run soak:users -- --minutes 10',
  );
}
const startsPerSecond = 100;
const longestDrain = 90_000;

const folder = await mkdtemp(join(tmpdir(), 'box-events-soak-'));
const box = await startBox({ users, eventsPerSecond, speed });
const follower = followAll(box, { folder, startsPerSecond });
const samples: Sample[] = [];
const widths = [7, 10, 10, 7, 5, 5, 8, 8, 9, 8, 8, 8];
print(
  ...['after', 'published', 'delivered', 'behind', 'gaps', 'twice'],
  ...['retries', 'polling', 'lag, s', 'heap', 'RSS', 'handles'],
);

for (let row = 1; row <= rows; row += 1) {
  await Promise.race([sleep((minutes * 60_000) / rows), follower.ended]);
  await show(`${Math.round(((row * minutes) / rows) * speed)} min`);
  follower.churn(users / 100);
}
const { published, requests, faults } = await box.rest();
const total = published.reduce((sum, count) => sum + count, 0);
const drained = Date.now() + longestDrain;
while (follower.ledger.delivered < total && Date.now() < drained) await sleep(500);
await show('at rest');
const { isReady, stalled, streams } = follower.health.check();
follower.stop();
await follower.ended;
await box.end();
await rm(folder, { recursive: true });
const left = process.getActiveResourcesInfo().filter((resource) => !/Pipe|TTY|^FS/.test(resource));

const missing = follower.ledger.missing(published);
const { duplicates } = follower.ledger;
process.stdout.write(`
${users} users, ${total} events, ${missing} missing, ${duplicates} twice
requests ${JSON.stringify(requests)}
faults ${JSON.stringify(faults)}
log entries ${JSON.stringify(follower.entries)}
retries ${JSON.stringify(await follower.retries())}
streams at rest ${JSON.stringify(streams)}
`);
const flaws = [
  ...(missing > 0 ? [`${missing} events are missing`] : []),
  ...(duplicates > 0 ? [`${duplicates} events came twice`] : []),
  ...follower.failed.map((error) => `something failed: ${error}`),
  ...(isReady && stalled.length === 0 ? [] : [`${stalled.length} streams are stalled at rest`]),
  ...(left.length > 0 ? [`left behind: ${left.join(', ')}`] : []),
  ...growthIn(samples),
];
process.stdout.write(
  flaws.length > 0 ? `FAILED: ${flaws.join('; ')}\n` : 'nothing was lost, and nothing grew\n',
);
process.exitCode = flaws.length > 0 ? 1 : 0;

async function show(when: string): Promise<void> {
  const { ledger, meter } = follower;
  const delivered = ledger.delivered;
  const retries = await meter.read('box_events.retries');
  const lag = (await meter.read('box_events.stream.lag')).toFixed(1);
  const { polling } = follower.health.check().streams;
  const { handles, ...memory } = lookAtProcess();
  if (when !== 'at rest') samples.push({ ...memory, spareHandles: handles - 2 * polling });
  print(
    ...[when, box.published, delivered, box.published - delivered, ledger.gaps, ledger.duplicates],
    ...[retries, polling, lag, megabytes(memory.heap), megabytes(memory.rss), handles],
  );
}

function lookAtProcess() {
  if (!globalThis.gc) throw new Error('Run it with --expose-gc, as npm run soak:users does.');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss, handles: process.getActiveResourcesInfo().length };
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function print(...cells: readonly (string | number)[]): void {
  const line = cells.map((cell, index) => String(cell).padStart(widths[index] ?? 0)).join('  ');
  process.stdout.write(`${line}\n`);
}
