import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that can be killed and started again. It ends with this process, at the latest. */
export interface Killable {
  /** The id of the process, while it runs. */
  readonly pid: number | undefined;
  /** Whether it runs. */
  readonly isRunning: boolean;
  start(): ChildProcess;
  /** Sends SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export function killable(spawn: () => ChildProcess): Killable {
  let child: ChildProcess | undefined;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  process.once('exit', () => child?.kill('SIGKILL'));
  return {
    get pid() {
      return isRunning() ? child?.pid : undefined;
    },
    get isRunning() {
      return isRunning();
    },
    start() {
      child = spawn();
      return child;
    },
    async kill() {
      if (!child || !isRunning()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
