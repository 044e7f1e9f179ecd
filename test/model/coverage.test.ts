import { expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { keyOf, reachablePlaces } from './chart-space.ts';
import { deferredChart, deferredMachine } from './deferred-chart.ts';

/** Every list of choices of the machine: the transitions of one state on one event, in order. */
function everyChoice() {
  const nodes: AnyStateNode[] = [deferredMachine.root];
  for (const node of nodes) nodes.push(...Object.values(node.states));
  return nodes.flatMap((node) =>
    [...node.transitions, ['always', node.always ?? []] as const].map(([eventType, transitions]) => ({
      name: `${node.id} on ${eventType}`,
      transitions,
    })),
  );
}

/** The choices on an event, innermost first, that were asked and said no. An outer one is asked where no inner one says yes. */
function refusals(nodes: readonly AnyStateNode[], eventType: string, taken: ReadonlySet<unknown>): string[] {
  const hasTaken = (node: AnyStateNode) =>
    node.transitions.get(eventType)?.some((one) => taken.has(one)) === true;
  return nodes
    .filter((node) => node.transitions.has(eventType))
    .filter(({ id }) => !nodes.some((node) => `${node.id}.`.startsWith(`${id}.`) && hasTaken(node)))
    .map(({ id }) => `${id} on ${eventType}`);
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the running chart takes each transition and answers each guard both ways, and is always where the pure chart is', async () => {
  const taken = new Set<unknown>();
  const refused = new Set<string>();
  let paths = 0;
  for (const { path, edges } of reachablePlaces().values()) {
    for (const { happening, to } of edges) {
      const takenLast = new Set<unknown>();
      const chart = deferredChart((transition) => takenLast.add(transition));
      let before = chart.actor.getSnapshot();
      for (const { happen } of [...path, happening]) {
        for (const transition of takenLast) taken.add(transition);
        takenLast.clear();
        before = chart.actor.getSnapshot();
        happen(chart.hands);
        await settled();
      }
      for (const name of refusals(before._nodes, chart.lastEvent, takenLast)) refused.add(name);
      for (const transition of takenLast) taken.add(transition);
      const snapshot = chart.actor.getSnapshot();
      const names = [...path, happening].map(({ name }) => name).join(' → ');
      expect(keyOf(snapshot), names).toBe(to);
      chart.actor.stop();
      paths += 1;
    }
  }

  const choices = everyChoice();
  const missing = choices.flatMap(({ name, transitions }) =>
    transitions.flatMap((transition, index) => {
      const guard = typeof transition.guard === 'object' ? transition.guard.type : transition.guard;
      const saidNo = transitions.slice(index + 1).some((later) => taken.has(later)) || refused.has(name);
      return [
        ...(taken.has(transition) ? [] : [`${name}: choice ${index + 1} is never taken`]),
        ...(!guard || saidNo ? [] : [`${name}: ${String(guard)} never says no`]),
      ];
    }),
  );
  const transitions = choices.flatMap((choice) => choice.transitions);
  const guarded = transitions.filter(({ guard }) => guard !== undefined);
  console.info(
    `A: ${paths} paths of the chart took its ${transitions.length} transitions, and its ${guarded.length} guards said yes and no`,
  );
  expect(missing).toEqual([]);
}, 60_000);
