import { createFakeBox } from './fake-box.ts';
import { createSimulatedBox } from './simulated-box.ts';
import { runTimelines, timelinesIn } from './timelines.ts';

// Runs random timelines for so many minutes: npm run soak -- --minutes 10. A failure says how to see it again.
const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1] ?? Number.NaN);
if (!(minutes > 0)) throw new Error('Say for how long: npm run soak -- --minutes 10');

const runs = { inMemory: 0, overHttp: 0 };
for (const end = Date.now() + minutes * 60_000; Date.now() < end; ) {
  await runTimelines(timelinesIn(createFakeBox), { title: 'in memory', runs: 1_000 });
  runs.inMemory += 1_000;
  await runTimelines(timelinesIn(createSimulatedBox), { title: 'over HTTP', runs: 100 });
  runs.overHttp += 100;
}
console.info(`${runs.inMemory} timelines in memory and ${runs.overHttp} over HTTP, and every invariant held`);
