import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClientName } from '../client-names.ts';
import type { Row } from '../row.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const packages: Partial<Record<ClientName, string>> = {
  'sdk10-tuned': 'box-node-sdk',
  'sdk3-tuned': 'box-node-sdk-3',
};

/** What an installation brings: the package and all that it depends on. */
export const size: Row = {
  name: 'size',
  says: 'installed, with all dependencies',
  measures: [
    { name: 'size', says: 'on disk', unit: 'MB', isAbsolute: true },
    { name: 'packages', says: 'packages', unit: '', isAbsolute: true },
  ],
  clients: ['loop', 'sdk10-tuned', 'sdk3-tuned'],
  runs: 1,
  async run(client) {
    const name = packages[client];
    const folders = new Set<string>();
    if (name) await addPackage(name, root, folders);
    else for (const dependency of await dependenciesOf(root)) await addPackage(dependency, root, folders);
    const sizes = await Promise.all([...folders].map(sizeOf));
    const own = name ? [] : [await packedSize()];
    return {
      size: [...sizes, ...own].reduce((sum, bytes) => sum + bytes, 0) / 1e6,
      packages: sizes.length + own.length,
    };
  },
};

/** Adds the folder of a package, as one in `from` finds it, and those of its dependencies. */
async function addPackage(name: string, from: string, folders: Set<string>): Promise<void> {
  const folder = await find(name, from);
  if (folder === undefined || folders.has(folder)) return;
  folders.add(folder);
  for (const dependency of await dependenciesOf(folder)) await addPackage(dependency, folder, folders);
}

async function find(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; folder.startsWith(root.replace(/\/$/, '')); folder = join(folder, '..')) {
    const candidate = join(folder, 'node_modules', name);
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  return undefined;
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** The bytes of a package's own files, without the packages in it. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? 0 : sizeOf(path);
    return (await stat(path)).size;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

async function packedSize(): Promise<number> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
  const [{ unpackedSize = 0 } = {}]: { unpackedSize?: number }[] = JSON.parse(stdout);
  return unpackedSize;
}
