import fc from 'fast-check';
import { timelines } from './timelines.ts';

// Runs random timelines for so many minutes: npm run soak -- --minutes 10. A failure prints how to see it again.
const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1] ?? Number.NaN);
if (!(minutes > 0)) throw new Error('Say for how long: npm run soak -- --minutes 10');

let runs = 0;
await fc.assert(
  timelines.beforeEach(async () => void runs++),
  {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: minutes * 60_000,
  },
);
console.info(`${runs} timelines, and every invariant held`);
