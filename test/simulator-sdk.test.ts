import { afterEach, expect, test } from 'vitest';
import { type Client, ours, sdk3, sdk10 } from '../compare/clients.ts';
import { createSimulator, type Simulator, userEventTypes } from '../src/simulator/index.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What is published at once while the client polls: an event, another one, then one of every type. */
const bursts = [['ITEM_UPLOAD'], ['ITEM_RENAME'], userEventTypes];

/** Publishes while the client polls, and returns what was published beside what the client delivered. */
const followedBy = async (client: Client, box: Simulator) => {
  const delivered: unknown[] = [];
  const errors: unknown[] = [];
  const isComplete = Promise.withResolvers<void>();
  const stop = client({
    url: box.url,
    token: box.token,
    onEvent: (event) => {
      if (delivered.push(event) === bursts.flat().length) isComplete.resolve();
    },
    onError: (error) => errors.push(error),
  });
  closing.push(stop, () => box.stop());
  for (const burst of bursts) {
    await box.until(() => box.heldPolls === 1);
    for (const event_type of burst) box.publish({ event_type });
    await box.until(() => box.heldPolls === 0);
  }
  await isComplete.promise;
  return { published: box.eventsOf(), delivered, errors };
};

test('box-node-sdk 10 delivers every event that was published', async () => {
  const { published, delivered, errors } = await followedBy(
    sdk10,
    await createSimulator({ positionType: 'string' }),
  );
  expect(errors).toEqual([]);
  expect(delivered).toEqual(published.map(({ event_id, event_type }) => ({ event_id, event_type })));
});

// It waits a second between two pages, whatever happens.
test('box-node-sdk 3 delivers every event exactly as it was published', async () => {
  const { published, delivered, errors } = await followedBy(
    sdk3,
    await createSimulator({ positionType: 'string' }),
  );
  expect(errors).toEqual([]);
  expect(delivered).toEqual(published);
}, 15_000);

// The SDKs read a number with JSON.parse, which rounds it, and stall: they need positions as strings.
test.each(['number', 'string'] as const)(
  'box-events delivers every event exactly as it was published, with positions as %s',
  async (positionType) => {
    const { published, delivered } = await followedBy(ours, await createSimulator({ positionType }));
    expect(delivered).toEqual(published);
  },
);
