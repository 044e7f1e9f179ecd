import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { expect, test } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { hideSecrets } from '../src/inspector/index.ts';
import { createServices } from '../src/services.ts';
import { readChart } from '../visualizations/drawing/chart.ts';
import { simulatedBox } from './support/stream.ts';

/** All that Stately's inspector is sent while a stream polls, fetches, fails and recovers. */
async function inspected(serialize: <T>(value: T) => T) {
  const { box, clock } = await simulatedBox();
  const sent: StatelyInspectionEvent[] = [];
  const adapter = { start() {}, stop() {}, send: (event: StatelyInspectionEvent) => sent.push(event) };
  const inspector = createInspector(adapter, { serialize });
  const machine = boxEventsMachine.provide({
    actors: {
      ...createServices({ token: box.token, apiUrl: box.apiUrl }),
      deliver: fromPromise(async () => {}),
    },
  });
  const actor = createActor(machine, { input: { streamPosition: '0' }, clock, inspect: inspector.inspect });
  actor.start();
  await box.until(() => box.heldPolls === 1);
  const endFault = box.setFault({ what: 'status', on: 'events', nth: 1 });
  box.publish();
  await expect.poll(() => actor.getSnapshot().value).toBe('backingOff');
  await endFault();
  clock.increment(2_000);
  await expect.poll(() => actor.getSnapshot().context.recent.length).toBe(1);
  actor.send({ type: 'stop' });
  inspector.stop();
  const channels = box.requests.flatMap(({ url }) => /channel=([^&]+)/.exec(url)?.[1] ?? []);
  const secrets = [...new Set([...channels, box.token])];
  await box.stop();
  return { sent, secrets, text: JSON.stringify(sent) };
}

test("Stately's inspector is sent the whole chart, with its names and descriptions", async () => {
  const { sent } = await inspected(hideSecrets);
  const actors = sent.filter((event) => event.type === '@xstate.actor');
  const definition = actors.find((actor) => actor.definition?.includes('boxEvents'))?.definition ?? '';
  for (const { name, description, invokes } of readChart(boxEventsMachine).states) {
    for (const shown of [name, description ?? '', ...invokes]) expect(definition).toContain(shown);
  }
  for (const { guard, description, actions } of readChart(boxEventsMachine).transitions) {
    for (const shown of [guard ?? '', description ?? '', ...actions]) expect(definition).toContain(shown);
  }
  const children = actors.map(({ name }) => name);
  for (const child of ['fetchServers', 'longPoll', 'fetchEvents', 'deliver'])
    expect(children).toContain(child);
  expect(sent.some(({ type }) => type === '@xstate.snapshot')).toBe(true);
});

test('with hideSecrets() no token and no channel is sent at any depth, and the reason of a failure is', async () => {
  const { text, secrets } = await inspected(hideSecrets);
  expect(secrets.length).toBeGreaterThan(1);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).toContain('/subscribe?(hidden)');
  expect(text).toContain('GET /events was answered with 503');
});

test('without it the channels are sent, in the input and output of the children, too; the token never is', async () => {
  const { text, secrets } = await inspected((value) => value);
  const token = secrets.at(-1) ?? '';
  expect(text).toContain(secrets[0]);
  expect(text).not.toContain(token);
});
