import { test } from 'vitest';
import { createFakeBox } from './fake-box.ts';
import { createSimulatedBox } from './simulated-box.ts';
import { runTimelines, timelinesIn } from './timelines.ts';

test.each([
  { title: 'in memory', runs: 2_000, timelines: timelinesIn(createFakeBox) },
  { title: 'over HTTP', runs: 300, timelines: timelinesIn(createSimulatedBox, { longest: 15 }) },
])(
  '$runs timelines $title keep every invariant, and end with everything delivered',
  async ({ title, runs, timelines }) => {
    await runTimelines(timelines, { title, runs });
    console.info(`C: ${runs} timelines ${title}`);
  },
  120_000,
);
