import { expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { reachablePlaces } from './chart-space.ts';
import { deferredChart, deferredMachine } from './deferred-chart.ts';

/** Every transition of the machine, with a name, by state and event. */
function everyTransition() {
  const nodes: AnyStateNode[] = [deferredMachine.root];
  for (const node of nodes) nodes.push(...Object.values(node.states));
  return nodes.flatMap((node) =>
    [...node.transitions].flatMap(([eventType, candidates]) =>
      candidates.map((transition, index) => ({
        transition,
        name: `${node.id} on ${eventType}, choice ${index + 1} of ${candidates.length}`,
      })),
    ),
  );
}

test('every path to every place, and each step from it, is taken by the running chart as by the pure one', async () => {
  const taken = new Set<unknown>();
  const refused = new Set<string>();
  let paths = 0;
  for (const { path, edges, state } of reachablePlaces().values()) {
    for (const { happening } of edges) {
      const chart = deferredChart((transition) => taken.add(transition));
      for (const step of [...path, happening]) {
        step.happen(chart as never);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (chart.actor.getSnapshot().status === 'error') refused.add(state);
      chart.actor.stop();
      paths += 1;
    }
  }
  const transitions = everyTransition();
  console.info(`${paths} paths, ${transitions.length} transitions`);

  // Where one of several choices was taken, the guards before it have said no. The last one of a list without a fallback
  // has said no where the actor has failed.
  expect(transitions.filter(({ transition }) => !taken.has(transition)).map(({ name }) => name)).toEqual([]);
  expect([...refused].sort()).toEqual(['delivering', 'fetchingEvents', 'fetchingServers', 'polling']);
}, 60_000);
