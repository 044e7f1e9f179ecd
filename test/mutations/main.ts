import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { boxEventsMachine } from '../../machines/box-events.machine.ts';
import { mutantsOf } from './mutants.ts';

/*
 * Changes the chart in every way that matters, one at a time, and runs its tests against each change. A mutant that survives needs a
 * reason in survivors.json; without one, this fails. It takes some minutes.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const reasons: Record<string, string> = JSON.parse(
  await readFile(new URL('survivors.json', import.meta.url), 'utf8'),
);
const mutants = [...mutantsOf(boxEventsMachine).entries()];
const survivors: string[] = [];
const total = mutants.length;

await Promise.all([work(), work()]);

const unexplained = survivors.filter((name) => !(name in reasons));
console.info(`${total} mutants, ${total - survivors.length} killed, ${survivors.length} survived`);
for (const name of survivors) console.info(`- ${name}: ${reasons[name] ?? 'WITHOUT A REASON'}`);
for (const name of Object.keys(reasons))
  if (!survivors.includes(name)) console.info(`- ${name}: killed, and needs no reason any more`);
process.exitCode = unexplained.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let next = mutants.shift(); next; next = mutants.shift()) {
    const [index, { name }] = next;
    if (await survives(index)) survivors.push(name);
  }
}

function survives(index: number): Promise<boolean> {
  const args = ['run', '--config', 'test/mutations/vitest.config.ts', '--root', root];
  const env = { ...process.env, MUTANT: String(index) };
  return new Promise((resolve) => {
    execFile(`${root}node_modules/.bin/vitest`, args, { cwd: root, env, timeout: 120_000 }, (error) =>
      resolve(error === null),
    );
  });
}
