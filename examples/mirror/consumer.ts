// The same mirror, from the lines of the command `box-events watch`: see README.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readPages } from './lines.ts';
import { openDatabase } from './sqlite.ts'; // './postgres.ts' for Postgres
import { createStore } from './store.ts';

const stream = 'me';

const { BOX_TOKEN, MIRROR_DATABASE = 'mirror.db' } = process.env;
if (!BOX_TOKEN) throw new Error('BOX_TOKEN is not set: box-events watch would follow a simulated Box.');
const command = await findCommand();
const database = await openDatabase(MIRROR_DATABASE);
const store = await createStore(database);

let isStopping = false;
while (!isStopping) {
  const exitCode = await follow((await store.loadPosition(stream)) ?? '0');
  // It has said why on stderr, and would fail again. Where a signal ended it, there is no code.
  if (exitCode && !isStopping) throw new Error(`box-events watch ended with ${exitCode}.`);
  if (!isStopping) await sleep(1_000);
}
await database.close();

/** Applies what `box-events watch` writes until it ends, and gives its exit code. */
async function follow(streamPosition: string): Promise<number | null> {
  const watch = spawn(process.execPath, [command, 'watch', '--json', '--from', streamPosition], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C in a terminal reaches this process alone, which passes it on: two signals would end `watch` at once.
    detached: true,
  });
  const ended = once(watch, 'exit');
  // It writes the page in hand first, which is applied, too.
  const stop = () => {
    isStopping = true;
    watch.kill('SIGTERM');
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.write(`box-events watch is process ${watch.pid}, from position ${streamPosition}\n`);
  try {
    for await (const page of readPages(createInterface({ input: watch.stdout }))) {
      const applied = await store.apply(stream, page);
      process.stdout.write(`${applied} new, up to position ${page.streamPosition}\n`);
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    watch.stdout.destroy();
    watch.kill('SIGTERM');
  }
  const [exitCode] = await ended;
  return exitCode;
}

async function findCommand(): Promise<string> {
  const manifest = import.meta.resolve('box-events/package.json');
  const { bin } = JSON.parse(await readFile(new URL(manifest), 'utf8'));
  return fileURLToPath(new URL(bin['box-events'], manifest));
}
