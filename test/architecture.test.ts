import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { boxEventsMachine } from '../machines/box-events.machine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync(['machines/**/*.ts', 'src/**/*.ts'], { cwd: root });
const importPattern = /^(?:import|export) (?:[^;'`=]*? from )?'([^']+)';$|\bimport\('([^']+)'\)/gm;
const importsOf = (file: string) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(importPattern)].map(([, from, dynamic]) =>
    String(from ?? dynamic),
  );
const importing = (pattern: RegExp) =>
  files.filter((file) => importsOf(file).some((name) => pattern.test(name)));

test('the machines import xstate and nothing beyond their folder', () => {
  for (const file of files.filter((name) => name.startsWith('machines/'))) {
    expect(importsOf(file).filter((name) => name !== 'xstate' && !/^\.\/[^/]+$/.test(name))).toEqual([]);
  }
});

test('the services alone import ky, and the Node transport alone undici', () => {
  expect(importing(/^ky$/)).toEqual(['src/services.ts']);
  expect(importing(/^undici$/)).toEqual(['src/transport/node.ts']);
});

test('Restate is known to src/restate alone, which nothing else imports', () => {
  expect(importing(/^@restatedev\//).filter((file) => !file.startsWith('src/restate/'))).toEqual([]);
  const others = files.filter((file) => !file.startsWith('src/restate/'));
  expect(others.filter((file) => importsOf(file).some((name) => /\brestate\//.test(name)))).toEqual([]);
});

test('Node built-ins stand in the Node transport, the simulator, the inspector and the command line only', () => {
  const allowed = /^src\/(transport\/node\.ts|simulator\/|cli\/|inspector\/)/;
  expect(importing(/^node:/).filter((file) => !allowed.test(file))).toEqual([]);
});

test('the simulator knows the wire and nobody else', () => {
  for (const file of files.filter((name) => name.startsWith('src/simulator/'))) {
    expect(importsOf(file).filter((name) => !name.startsWith('node:') && !/^\.\/[^/]+$/.test(name))).toEqual(
      [],
    );
  }
});

test('each state and each transition of the chart carries a description, and each action, guard and actor a name', () => {
  const nodes = [boxEventsMachine.root];
  for (const node of nodes) {
    nodes.push(...Object.values(node.states));
    expect(node.description, node.id).toBeTruthy();
    for (const { description, eventType, actions, guard } of [...node.transitions.values()].flat()) {
      expect(description, `${node.id} on ${eventType}`).toBeTruthy();
      for (const named of [...actions, guard ?? 'none']) expect(typeof named).not.toBe('function');
    }
    for (const { src } of node.invoke) expect(src).toBeTypeOf('string');
  }
  expect(nodes.length).toBeGreaterThan(8);
});
