import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { killable } from './killable.ts';

/** A Restate server of one's own, with a folder of its own, on 127.0.0.1. */
export interface RestateServer extends AsyncDisposable {
  /** Where users and applications call. */
  readonly ingressUrl: string;
  /** Where workers are registered, and where Restate's UI is. */
  readonly adminUrl: string;
  /** The process, while one runs. */
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** Tells it of a worker, or of what stands before several. */
  register(workerUrl: string): Promise<void>;
  /** Calls a handler of an object through the ingress. Resolves with its answer; rejects with an {@link AnswerError}. */
  call<T>(object: string, key: string, handler: string, body?: unknown): Promise<T>;
  /** Asks Restate's own tables. */
  query<T>(sql: string): Promise<T[]>;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, on the same ports and folder. Resolves when it answers. */
  start(): Promise<void>;
  /** Kills it, and removes its folder. */
  stop(): Promise<void>;
}

/** Where npm has put the binary; `undefined` on a platform for which there is none. */
export function restateBinary(): string | undefined {
  try {
    const name = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
    // Not through `npx restate-server`, whose process is not the server: SIGKILL would kill the wrong one.
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

/** Starts a Restate server. It ends with this process, at the latest. */
export async function startRestateServer(
  environment: Readonly<Record<string, string>> = {},
): Promise<RestateServer> {
  const binary = restateBinary();
  if (!binary) throw new Error(`There is no Restate server for ${process.platform}-${process.arch}.`);
  const folder = await mkdtemp(join(tmpdir(), 'box-events-restate-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', removeFolder);
  const [node, ingress, admin] = await freePorts(3);
  const ingressUrl = `http://127.0.0.1:${ingress}`;
  const adminUrl = `http://127.0.0.1:${admin}`;
  const server = killable(() =>
    spawn(binary, ['--no-logo'], {
      stdio: 'ignore',
      env: {
        RESTATE_BASE_DIR: join(folder, 'data'),
        // Where it leaves what it has in hand when it is killed.
        TMPDIR: folder,
        RESTATE_NODE_NAME: 'example',
        RESTATE_BIND_IP: '127.0.0.1',
        RESTATE_LISTEN_MODE: 'tcp',
        RESTATE_BIND_PORT: String(node),
        RESTATE_INGRESS__BIND_PORT: String(ingress),
        RESTATE_ADMIN__BIND_PORT: String(admin),
        RESTATE_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: '1',
        RESTATE_DEFAULT_NUM_PARTITIONS: '4',
        RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '512MB',
        ...environment,
      },
    }),
  );
  const start = async () => {
    const child = server.start();
    await answers(`${adminUrl}/health`, child);
    await answers(`${ingressUrl}/restate/health`, child);
  };
  const stop = async () => {
    await server.kill();
    process.off('exit', removeFolder);
    removeFolder();
  };
  await start();

  return {
    ingressUrl,
    adminUrl,
    get pid() {
      return server.pid;
    },
    get isRunning() {
      return server.isRunning;
    },
    register: async (uri) => {
      await post(`${adminUrl}/deployments`, { uri, force: true });
    },
    call: (object, key, handler, body) =>
      post(`${ingressUrl}/${object}/${encodeURIComponent(key)}/${handler}`, body),
    query: async (query) => (await post<{ rows: [] }>(`${adminUrl}/query`, { query })).rows,
    kill: server.kill,
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** An answer that is no success. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function post<T>(url: string, body?: unknown): Promise<T> {
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new AnswerError(response.status, text);
  return JSON.parse(text || 'null');
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('The server ended before it began.');
    await sleep(50);
  }
}
