import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { killable } from './killable.ts';

/** A worker that runs as a process of its own, on a port of 127.0.0.1. */
export interface WorkerProcess {
  readonly port: number;
  readonly url: string;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. Resolves when it serves. */
  start(): Promise<void>;
}

/** Starts a worker, which is told its port in `PORT` and says on stdout when it serves. It ends with this process, at the latest. */
export async function startWorker(
  program: URL,
  environment: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  const [port = 0] = await freePorts(1);
  const worker = killable(() =>
    spawn(process.execPath, [fileURLToPath(program)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...environment, PORT: String(port) },
    }),
  );
  const start = async () => {
    const child = worker.start();
    const ended = once(child, 'exit').then(() => {
      throw new Error('The worker ended before it began.');
    });
    if (child.stdout) await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => {});
  };
  await start();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return worker.pid;
    },
    get isRunning() {
      return worker.isRunning;
    },
    kill: worker.kill,
    start,
  };
}
