import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { boxEventsMachine } from '../machines/box-events.machine.ts';
import { boxUsersMachine } from '../machines/box-users.machine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync(['machines/**/*.ts', 'src/**/*.ts'], { cwd: root });
const importPattern = /^(?:import|export) (?:[^;'`=]*? from )?'([^']+)';$|\bimport\('([^']+)'\)/gm;
const importsOf = (file: string) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(importPattern)].map(([, from, dynamic]) =>
    String(from ?? dynamic),
  );
const importing = (pattern: RegExp) =>
  files.filter((file) => importsOf(file).some((name) => pattern.test(name)));

/** Every file of ours, and every name of others, that a file imports, directly or not. */
function reachableFrom(file: string, reached = new Set<string>()): string[] {
  if (reached.has(file)) return [];
  reached.add(file);
  for (const name of importsOf(file)) {
    if (!name.startsWith('.')) reached.add(name);
    else reachableFrom(join(dirname(file), name), reached);
  }
  return [...reached];
}

test('the machines import xstate and nothing beyond their folder', () => {
  for (const file of files.filter((name) => name.startsWith('machines/'))) {
    expect(importsOf(file).filter((name) => name !== 'xstate' && !/^\.\/[^/]+$/.test(name))).toEqual([]);
  }
});

test('the services alone import ky', () => {
  expect(importing(/^ky$/)).toEqual(['src/services.ts']);
});

test('Restate is known to src/restate alone, which nothing else imports', () => {
  expect(importing(/^@restatedev\//).filter((file) => !file.startsWith('src/restate/'))).toEqual([]);
  const others = files.filter((file) => !file.startsWith('src/restate/'));
  expect(others.filter((file) => importsOf(file).some((name) => /\brestate\//.test(name)))).toEqual([]);
});

test('Node built-ins stand in the Node transport, what keeps positions, the simulator, the inspector and the command line only', () => {
  const allowed = /^src\/(transport\/node(-agents)?\.ts|positions\/|simulator\/|cli\/|inspector\/)/;
  expect(importing(/^node:/).filter((file) => !allowed.test(file))).toEqual([]);
});

test('what box-events exports reaches no Node built-in, and none of what has an export of its own', () => {
  const reached = reachableFrom('src/index.ts');
  expect(reached).toContain('src/positions/saver.ts');
  expect(
    reached.filter((name) =>
      /^node:|^src\/(simulator|inspector|cli|metrics|operations)\/|src\/positions\/index/.test(name),
    ),
  ).toEqual([]);
});

test('metrics alone import OpenTelemetry, and reach nothing of Node', () => {
  expect(importing(/^@opentelemetry\//).filter((file) => !file.startsWith('src/metrics/'))).toEqual([]);
  for (const file of ['src/metrics/index.ts', 'src/operations/index.ts']) {
    expect(reachableFrom(file).filter((name) => /^node:|\/(services|box-events)\.ts$/.test(name))).toEqual(
      [],
    );
  }
  expect(reachableFrom('src/operations/index.ts')).not.toContain('@opentelemetry/api');
});

test('positions know what a position is, and nobody of the streams', () => {
  const known = ['../deadline.ts', '../../machines/stream-position.ts'];
  for (const file of files.filter((name) => name.startsWith('src/positions/'))) {
    const others = importsOf(file).filter((name) => !/^(node:|\.\/[^/]+$)/.test(name));
    expect(others.filter((name) => !known.includes(name))).toEqual([]);
  }
});

test('the simulator knows the wire and nobody else', () => {
  for (const file of files.filter((name) => name.startsWith('src/simulator/'))) {
    expect(importsOf(file).filter((name) => !name.startsWith('node:') && !/^\.\/[^/]+$/.test(name))).toEqual(
      [],
    );
  }
});

test.each([
  ['one stream', boxEventsMachine, 8],
  ['many streams', boxUsersMachine, 4],
])(
  'each state and each transition of the chart of %s carries a description, and each action, guard, delay and actor a name',
  (_, machine, least) => {
    const nodes: AnyStateNode[] = [machine.root];
    for (const node of nodes) {
      nodes.push(...Object.values(node.states));
      expect(node.description, node.id).toBeTruthy();
      const transitions = [...node.transitions.values(), node.always ?? []].flat();
      for (const { description, eventType, actions, guard } of transitions) {
        expect(description, `${node.id} on ${eventType}`).toBeTruthy();
        for (const named of [...actions, guard ?? 'none']) expect(typeof named).not.toBe('function');
      }
      for (const delay of Object.keys(node.config.after ?? {})) expect(delay).not.toMatch(/^\d/);
      for (const { src } of node.invoke) expect(src).toBeTypeOf('string');
    }
    expect(nodes.length).toBeGreaterThan(least);
  },
);
