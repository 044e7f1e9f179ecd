import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, where its name and the names of its dependencies resolve as they do for a user.
const folder = `${root}dist/docs`;
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...globSync(['docs/*.md', 'examples/*/README.md'], { cwd: root }),
];
const blocks = pages.flatMap((page) =>
  [...readFileSync(root + page, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ''], index) => ({
    name: `${page.replaceAll(/\W/g, '-')}-${index + 1}`,
    code,
  })),
);

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(`${root}test/support/readers-program.d.ts`, `${folder}/readers-program.d.ts`);
  for (const { name, code } of blocks)
    await writeFile(`${folder}/${name}.ts`, `${importsFor(code)}${code}\nexport {};\n`);
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, rootDir: '../..' },
    include: ['*.ts'],
    exclude: [],
  };
  await writeFile(`${folder}/tsconfig.json`, JSON.stringify(config));
});

// A block goes on where the one before it ended, and does not repeat what that one imported or made.
function importsFor(code: string): string {
  const preamble = {
    boxEvents: "import { boxEvents } from 'box-events';",
    boxEventsMachine: "import { boxEventsMachine } from 'box-events';",
    boxEventsOnRestate: "import { boxEventsOnRestate } from 'box-events/restate';",
    createSimulator: "import { createSimulator } from 'box-events/simulator';",
    createServices: "import { createServices } from 'box-events';",
    resumeFrom: "import { resumeFrom } from 'box-events';",
    positions: "declare const positions: import('box-events').Positions;",
    createActor: "import { createActor } from 'xstate';",
    machine: "declare const machine: typeof import('box-events').boxEventsMachine;",
  };
  return Object.entries(preamble)
    .filter(
      ([name]) =>
        new RegExp(`\\b${name}\\b`).test(code) &&
        !new RegExp(`(import|const) .*\\b${name}\\b.*(from|=)`).test(code),
    )
    .map(([, line]) => `${line}\n`)
    .join('');
}

test('every block of TypeScript in README and docs compiles against the package', async () => {
  expect(blocks.length).toBeGreaterThan(4);
  const { stdout } = await run(`${root}node_modules/.bin/tsc`, ['-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
}, 30_000);

// Inside an object literal's type, as in the config of the machine, a field has a name and no docstring.
test('each public name has a docstring, and what it refers to is public, too', async () => {
  // Into a file: typedoc exits before a pipe has taken all that it says.
  const said = await open(`${folder}/typedoc.log`, 'w+');
  const typedoc = spawn(`${root}docs/node_modules/.bin/typedoc`, ['--emit', 'none'], {
    cwd: `${root}docs`,
    stdio: ['ignore', said.fd, said.fd],
  });
  await once(typedoc, 'exit');
  const lines = readFileSync(`${folder}/typedoc.log`, 'utf8').split('\n');
  await said.close();
  expect(lines.at(-2)).toContain('Found 0 errors');
  const complaints = lines.filter((line) => line.includes('documentation') && !line.includes('.__type'));
  expect(complaints).toEqual([]);
}, 60_000);

test('each link from README and docs to a file of the repository leads to one', () => {
  for (const page of pages) {
    const text = readFileSync(root + page, 'utf8').replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      expect(
        () => readFileSync(new URL(target, `file://${root}${page}`)),
        `${page}: ${target}`,
      ).not.toThrow();
    }
  }
});
