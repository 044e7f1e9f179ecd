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
  readonly server?: number;
  /** From the start of a worker after SIGKILL until every poll is held, in milliseconds. */
  readonly afterWorker?: number;
  /** From the start of the Restate server after SIGKILL until every poll is held, in milliseconds. */
  readonly afterServer?: number;
}

const settling = 5_000;

export async function idleOnRestate(users: number): Promise<IdleCost> {
  await using surroundings = await startSurroundings(users);
  const { box, restate, worker, follow } = surroundings;
  const before = [worker.pid, restate.pid].map((pid) => usageOf(pid).rss);
  await follow();
  await sleep(settling);
  const [ofWorker = 0, ofServer = 0] = [worker.pid, restate.pid].map((pid, index) => {
    return (usageOf(pid).rss - (before[index] ?? 0)) / users;
  });
  const recovery = async (victim: typeof worker | typeof restate) => {
    await victim.kill();
    await box.until(() => box.heldPolls === 0);
    const began = performance.now();
    await victim.start();
    await box.until(() => box.heldPolls === users);
    return performance.now() - began;
  };
  return {
    worker: ofWorker,
    server: ofServer,
    afterWorker: await recovery(worker),
    afterServer: await recovery(restate),
  };
}

export async function idleInOneProcess(users: number): Promise<IdleCost> {
  await using box = await createSimulator({ users });
  const environment = { BOX_API_URL: box.apiUrl, BOX_TOKEN: box.serviceToken };
  const program = new URL('one-process.ts', import.meta.url);
  const alone = await startWorker(program, { ...environment, USERS: '' });
  const before = usageOf(alone.pid).rss;
  await alone.kill();
  const follower = await startWorker(program, {
    ...environment,
    USERS: box.users.map(({ id }) => id).join(),
  });
  await box.until(() => box.heldPolls === users);
  await sleep(settling);
  const after = usageOf(follower.pid).rss;
  await follower.kill();
  return { worker: (after - before) / users };
}
