import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const mutants = fileURLToPath(new URL('mutants.ts', import.meta.url));

// The tests of the chart, with the mutant of that number in the chart's place.
export default defineConfig({
  resolve: {
    alias: { '#transport': fileURLToPath(new URL('../../src/transport/node.ts', import.meta.url)) },
  },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code: string, id: string) {
        if (!id.endsWith('/machines/box-events.machine.ts')) return undefined;
        const original = code.replace('export const boxEventsMachine', 'const original');
        return `import { mutantsOf, mutate } from '${mutants}';
${original}
export const boxEventsMachine = mutate(original, mutantsOf(original)[Number(process.env.MUTANT)] ?? { name: 'none' });`;
      },
    },
  ],
  test: {
    bail: 1,
    testTimeout: 5_000,
    include: [
      'test/chart.test.ts',
      'test/resume-from.test.ts',
      'test/model/*.test.ts',
      'test/invariants.test.ts',
    ],
  },
});
