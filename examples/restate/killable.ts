import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that can be killed and started again. It ends with this process, at the latest. */
export interface Killable {
  /** The id of the process, while it runs. */
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  start(): ChildProcess;
  /** Sends SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export function killable(spawn: () => ChildProcess): Killable {
  let child: ChildProcess | undefined;
  const running = () => (child && children.has(child) ? child : undefined);
  return {
    get pid() {
      return running()?.pid;
    },
    get isRunning() {
      return running() !== undefined;
    },
    start() {
      const started = spawn();
      children.add(started);
      started.once('exit', () => children.delete(started));
      child = started;
      return started;
    },
    async kill() {
      const victim = running();
      if (!victim) return;
      const gone = once(victim, 'exit');
      victim.kill('SIGKILL');
      await gone;
    },
  };
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
