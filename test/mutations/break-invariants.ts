import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Break, breaks } from './broken-invariants.ts';

/*
 * Breaks each invariant of the design on purpose, in a copy outside the repository, runs the four kinds of proof against it, and prints
 * who noticed, as the table in CONTRIBUTING.md. Fails where fewer than two did. It takes some minutes.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const proofs = {
  A: ['test/model/coverage.test.ts'],
  B: ['test/model/oracle.test.ts', 'test/model/box-and-consumer.test.ts'],
  C: ['test/model/timelines.test.ts'],
  D: ['test/model/reachable.test.ts'],
};

console.info('| invariant | broken by | noticed by |\n| --- | --- | --- |');
for (const broken of breaks) {
  const noticed = await tryOut(broken);
  console.info(`| ${broken.invariant} | ${broken.by} | ${noticed.join(', ')} |`);
  if (noticed.length < 2) process.exitCode = 1;
}

async function tryOut({ file, edits }: Break): Promise<string[]> {
  const copy = await mkdtemp(join(tmpdir(), 'box-events-broken-'));
  try {
    for (const part of [
      'machines',
      'src',
      'test',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'vitest.config.ts',
    ])
      await cp(join(root, part), join(copy, part), { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await edit(join(copy, file), edits);
    // What does not compile would be noticed by everybody.
    if (await fails(copy, ['tsc', '-p', 'tsconfig.build.json', '--noEmit']))
      throw new Error('It does not compile.');
    const noticed: string[] = [];
    for (const [proof, tests] of Object.entries(proofs))
      if (await fails(copy, ['vitest', 'run', '--bail', '1', ...tests])) noticed.push(proof);
    return noticed;
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function edit(file: string, edits: Break['edits']): Promise<void> {
  let source = await readFile(file, 'utf8');
  for (const [find, replace] of edits) {
    if (!source.includes(find)) throw new Error(`${file} does not say any more: ${find}`);
    source = source.replace(find, () => replace);
  }
  await writeFile(file, source);
}

/** Whether a command fails. One that does not end in a minute does: what spins is stopped with all its processes. */
function fails(cwd: string, [command = '', ...rest]: readonly string[]): Promise<boolean> {
  const child = spawn(join(cwd, 'node_modules/.bin', command), rest, {
    cwd,
    detached: true,
    stdio: 'ignore',
  });
  const deadline = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(deadline);
      resolve(code !== 0);
    });
  });
}
