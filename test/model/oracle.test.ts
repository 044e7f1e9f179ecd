import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createTestModel } from 'xstate/graph';
import {
  type Answer,
  createSimulator,
  type Simulator,
  type SimulatorRequest,
} from '../../src/simulator/index.ts';
import { stateInWords } from '../support/state-in-words.ts';
import { follow } from '../support/stream.ts';
import { environmentMachine, limit, longestPath, maxRetries } from './environment.machine.ts';

const clock = new SimulatedClock();
let box: Simulator;
let onAsked = () => {};
let asked: { kind: SimulatorRequest['kind']; answer: (answer: Answer | undefined) => void } | undefined;

beforeAll(async () => {
  box = await createSimulator({ clock, maxRetries, reconnectAfter: 1e9 });
  // Each request waits until the path says what Box answers; without an answer of ours, Box gives its own.
  box.intercept = ({ kind }) =>
    new Promise((resolve) => {
      asked = { kind, answer: resolve };
      onAsked();
    });
});
afterAll(() => box.stop());

const paths = createTestModel(environmentMachine).getSimplePaths({
  stopWhen: ({ context }) => context.steps >= longestPath,
});

test(`${paths.length} paths of answers: the client asks what Box expects, and has what Box has given`, async () => {
  for (const path of paths) await run(path);
}, 120_000);

async function run(path: (typeof paths)[number]): Promise<void> {
  asked = undefined;
  const stream = follow({ box, clock }, { streamPosition: box.positionOf() }, { limit });
  const published: unknown[] = [];
  const positions = [box.positionOf()];
  const publish = (count: number) => {
    for (let index = 0; index < count; index++) {
      published.push(box.publish({ source: null }).event_id);
      positions.push(box.positionOf());
    }
  };
  const give = (answer?: Answer) => () => {
    const { answer: pending } = asked ?? expect.fail('Nothing was asked.');
    asked = undefined;
    pending(answer);
  };
  const say = (message: string) => give({ status: 200, body: { version: 1, message } });
  const expects = (kind: SimulatorRequest['kind'], state: string) => async () => {
    if (!asked) {
      await new Promise<void>((resolve) => {
        onAsked = resolve;
      });
    }
    expect(asked?.kind).toBe(kind);
    expect(stateInWords(stream.actor.getSnapshot().value)).toBe(state);
  };
  const expectDelivered = ({ delivered }: { delivered: number }) => {
    expect(stream.ids()).toEqual(published.slice(0, delivered));
    expect(stream.position).toBe(positions[delivered]);
  };

  await path.test({
    states: {
      asksServers: async ({ context }) => {
        await expects('servers', 'fetchingServers')();
        expectDelivered(context);
      },
      asksEvents: async ({ context }) => {
        await expects('events', 'fetchingEvents')();
        expectDelivered(context);
      },
      polls: async ({ context }) => {
        await expects('poll', 'polling')();
        expectDelivered(context);
      },
      waits: async ({ context }) => {
        await stream.reaches('backingOff');
        expect(asked).toBeUndefined();
        expectDelivered(context);
      },
      '*': () => expect.fail('A state of the model is not compared with anything.'),
    },
    events: {
      serversOk: give(),
      servers503: give({ status: 503 }),
      page: give(),
      events503: give({ status: 503 }),
      change: () => {
        publish(1);
        give()();
      },
      burst: () => {
        publish(3);
        give()();
      },
      falseAlarm: say('new_change'),
      reconnect: say('reconnect'),
      maxRetries: say('max_retries'),
      poll503: give({ status: 503 }),
      silence: () => {
        asked = undefined;
        clock.increment(610_000);
      },
      backoffEnds: () => clock.increment(stream.retries().at(-1)?.delay ?? 0),
    },
  });
  stream.actor.stop();
  const told = inspect(stream.emitted, { depth: 10 });
  expect(told).not.toContain(box.token);
  expect(told).not.toContain('channel=');
}
