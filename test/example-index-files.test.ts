import { afterEach, expect, test } from 'vitest';
import { createActor, fromPromise, SimulatedClock } from 'xstate';
import { emptyIndex, type FileIndex, indexPage } from '../examples/index-files/index-files.ts';
import { boxEventsMachine, createServices, type Delivery, resumeFrom } from '../src/index.ts';
import { createSimulator, type Fault, type Simulator } from '../src/simulator/index.ts';

let box: Simulator;
afterEach(() => box.stop());

/** What the index should be, told by the simulator rather than by the stream. */
const truth = () => {
  const page = {
    events: box.eventsOf() as Delivery['events'],
    streamPosition: box.positionOf(),
    userId: undefined,
  };
  return [...indexPage(emptyIndex, page).paths].sort();
};

/** The app: a stream whose deliveries update an index. Its consumer fails once, on the page of that number. */
const startApp = (
  clock: SimulatedClock,
  index: { current: FileIndex },
  input: object,
  failOnPage = Number.NaN,
) => {
  let pages = 0;
  const machine = boxEventsMachine.provide({
    actors: {
      ...createServices({ token: box.token, apiUrl: box.apiUrl, limit: 5 }),
      deliver: fromPromise<void, Delivery>(async ({ input: page }) => {
        pages += 1;
        if (pages === failOnPage) throw new Error('The disk is full.');
        index.current = indexPage(index.current, page);
      }),
    },
  });
  const actor = createActor(machine, { clock, input });
  actor.subscribe({ error: () => {} });
  return actor.start();
};

const faults: (Fault | undefined)[] = [
  undefined,
  { what: 'status', on: ['servers', 'events'], every: 3 },
  { what: 'reset', every: 4 },
  { what: 'reconnect', every: 2 },
  { what: 'repeatTail', every: 2 },
  { what: 'html', every: 5 },
];

test.each(faults)('the index is right in the end, whatever happens on the way: %j', async (fault) => {
  const clock = new SimulatedClock();
  box = await createSimulator({ clock });
  if (fault) box.setFault(fault);
  box.startTraffic({ eventsPerMinute: 60 });
  const index = { current: emptyIndex };
  let app = startApp(clock, index, { streamPosition: '0' }, 3);
  for (let second = 0; second < 240; second++) {
    // The app failed, and is started anew from what it had kept.
    if (app.getSnapshot().status === 'error') app = startApp(clock, index, resumeFrom(app.getSnapshot()));
    clock.increment(1_000);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  await box.clearFaults();
  while (app.getSnapshot().context.streamPosition !== box.positionOf()) {
    clock.increment(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  app.stop();
  expect([...index.current.paths].sort()).toEqual(truth());
  expect(index.current.paths.size).toBeGreaterThan(10);
});
