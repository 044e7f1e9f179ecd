import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker } from '../../examples/restate/worker-process.ts';
import { createSimulator } from '../../src/simulator/index.ts';
import { startSurroundings } from './surroundings.ts';
import { usageOf } from './usage.ts';

/** What a user to whom nothing happens costs, and how long it takes until all are followed again. */
export interface IdleCost {
  /** Resident memory of the process that follows, in bytes a user. */
  readonly worker: number;
  /** Resident memory of the Restate server, in bytes a user. */
  readonly server?: number | undefined;
  /** From the start of a worker after SIGKILL until every poll is held, in milliseconds. */
  readonly afterWorker?: number;
  /** From the start of the Restate server after SIGKILL until every poll is held, in milliseconds. */
  readonly afterServer?: number;
}

const settling = 5_000;
// The first ones are not counted: with them come the heap that a process takes anyway, and its code.
const first = 1_000;

export async function idleOnRestate(users: number): Promise<IdleCost> {
  await using surroundings = await startSurroundings(users);
  const { box, restate, worker, follow } = surroundings;
  const memory = async (count: number) => {
    await follow({ count });
    await sleep(settling);
    return [worker.pid, restate.pid].map((pid) => usageOf(pid).rss);
  };
  const before = await memory(first);
  const after = await memory(users);
  const [ofWorker, ofServer] = after.map((rss, index) => (rss - (before[index] ?? 0)) / (users - first));
  const recovery = async (victim: typeof worker | typeof restate) => {
    await victim.kill();
    await box.until(() => box.heldPolls === 0);
    const began = performance.now();
    await victim.start();
    await box.until(() => box.heldPolls === users);
    return performance.now() - began;
  };
  const afterWorker = await recovery(worker);
  return {
    worker: ofWorker ?? Number.NaN,
    server: ofServer,
    afterWorker,
    afterServer: await recovery(restate),
  };
}

export async function idleInOneProcess(users: number): Promise<IdleCost> {
  await using box = await createSimulator({ users });
  const memory = async (count: number) => {
    const follower = await startWorker(new URL('one-process.ts', import.meta.url), {
      BOX_API_URL: box.apiUrl,
      BOX_TOKEN: box.serviceToken,
      USERS: box.users
        .slice(0, count)
        .map(({ id }) => id)
        .join(),
    });
    await box.until(() => box.heldPolls === count);
    await sleep(settling);
    const { rss } = usageOf(follower.pid);
    await follower.kill();
    await box.until(() => box.heldPolls === 0);
    return rss;
  };
  const before = await memory(first);
  return { worker: ((await memory(users)) - before) / (users - first) };
}
