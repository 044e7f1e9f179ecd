import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bestClients } from '../client-names.ts';
import { startSimulator } from '../peers.ts';
import type { Row } from '../row.ts';

const program = fileURLToPath(new URL('../../dist/bench/start-process.js', import.meta.url));
const run = promisify(execFile);

/** A process that begins. */
export const start: Row = {
  name: 'start',
  says: 'a process that begins',
  measures: [
    { name: 'imported', says: 'import', unit: 'ms', isAbsolute: true },
    { name: 'first', says: 'process start to the first event', unit: 'ms', isAbsolute: true },
  ],
  clients: bestClients,
  runs: 9,
  async run(name) {
    await using box = startSimulator();
    const [token = ''] = await box.call('tokens');
    await box.call('publish');
    const { stdout } = await run(process.execPath, [program, name, await box.call('url'), token]);
    const { imported, first }: { imported: number; first: number } = JSON.parse(stdout);
    return { imported, first };
  },
};
