import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { type EventName, eventNames } from './box-and-consumer.machine.ts';
import { follow, model, type Path, pathOf } from './follow-path.ts';

// All paths take ten seconds more: EVERY=1 WALKS=1000 npx vitest run test/model/box-and-consumer
const every = Number(process.env.EVERY ?? 3);
const walks = Number(process.env.WALKS ?? 50);

const total = { paths: 0, steps: 0 };
const followAndCount = async (path: Path, salt: number) => {
  total.paths += 1;
  total.steps += path.steps.length;
  await follow(path, salt);
};
afterAll(() => console.info(`B: ${total.paths} paths and walks, ${total.steps} steps compared`));

/** The path of these events, without those that cannot happen where they come. */
const pathAlong = (...names: EventName[]) =>
  pathOf((possible) => {
    while (names[0] && !possible.includes(names[0])) names.shift();
    return names.shift();
  });

test('what is seen after each step of a simple path is what the protocol says', async () => {
  // Paths differ where the state, the page in hand or what is left to fetch do. Crashes make too many of them.
  const simplePaths = model.getSimplePaths({
    events: eventNames.filter((name) => name !== 'crash').map((type) => ({ type })),
    serializeState: ({ value, context: { page, next, position, published, isDue } }) =>
      JSON.stringify([
        ...[value, page?.isFull, page?.hasNews, position === 'now' ? 'now' : position < published],
        ...[next === 'asked' ? next : next?.isFull, value === 'handling' && isDue],
      ]),
  });
  // The contexts on the way are those of the first path that came there: they are worked out anew.
  for (const [index, { steps }] of simplePaths.entries())
    if (index % every === 0) await followAndCount(pathAlong(...steps.map(({ event }) => event.type)), index);
}, 120_000);

test('and what is seen after each step of a long walk with crashes', async () => {
  const walk = fc.array(fc.nat(1_000), { minLength: 30, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(walk, async (choices) => {
      const numbers = choices.values();
      const path = pathOf((possible) => {
        // One that fails at every second step comes nowhere.
        const likely = possible.flatMap((name) => (isWell(name) ? [name, name, name, name, name] : [name]));
        return likely[(numbers.next().value ?? Number.NaN) % likely.length];
      });
      await followAndCount(path, choices.length);
    }),
    { numRuns: walks, endOnFailure: true },
  );
}, 120_000);

// What neither simple paths nor chance come across; each was a mutant that survived.
const listens: EventName[] = ['serversOk', 'page', 'handled'];
test.each<[string, EventName[]]>([
  [
    'news that is caught up on after a back-off ends no row of failures, though it was announced',
    ['change', 'eventsFail', 'backoffEnds', ...listens, 'pollFails'],
  ],
  [
    'a page that is asked for again after a back-off is no answer to a poll',
    Array<EventName[]>(3)
      .fill(['falseAlarm', 'eventsFail', 'backoffEnds', ...listens])
      .flat(),
  ],
  [
    'a page that is asked for after a pause is no answer to a poll',
    Array<EventName[]>(3)
      .fill(['pause', 'resume', ...listens])
      .flat(),
  ],
  [
    'a full page whose next one fails is not the end: events are asked for before the poll',
    ['burst', 'page', 'handled', 'eventsFail', 'backoffEnds', 'serversOk'],
  ],
])('%s', async (_, names) => {
  await followAndCount(pathAlong(...listens, ...names), 0);
});

function isWell(name: EventName): boolean {
  return ['serversOk', 'page', 'handled', 'change', 'burst', 'backoffEnds', 'resume'].includes(name);
}
