import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process can be asked: functions of values that JSON can carry. */
export type Calls = Record<string, (...given: never[]) => unknown>;

/** A process that answers calls. */
export interface Peer<C extends Calls> extends AsyncDisposable {
  call<Name extends keyof C & string>(
    name: Name,
    ...given: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>>;
}

/** Starts a process that answers calls. It is ended when the peer is disposed of. */
export function startPeer<C extends Calls>(module: URL, given: string[], options: ForkOptions = {}): Peer<C> {
  const child = fork(module, given, options);
  let calls = 0;
  return {
    call: (name, ...args) => {
      calls += 1;
      child.send({ id: calls, name, args });
      return answerTo(child, calls, name);
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Answers the calls of the process that started this one. */
export function answerCalls(calls: Calls): void {
  process.on('message', async ({ id, name, args }: { id: number; name: string; args: unknown[] }) => {
    const call = calls[name];
    process.send?.({ id, result: call && (await Reflect.apply(call, undefined, args)) });
  });
  process.on('disconnect', () => process.exit());
}

function answerTo<T>(child: ChildProcess, id: number, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: { id: number; result: T }) => {
      if (answer.id !== id) return;
      settle();
      resolve(answer.result);
    };
    const onExit = () => {
      settle();
      reject(new Error(`The process ended before it had answered '${name}'.`));
    };
    const settle = () => child.off('message', onMessage).off('exit', onExit);
    child.on('message', onMessage).on('exit', onExit);
  });
}
