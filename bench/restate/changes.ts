import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker } from '../../examples/restate/worker-process.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { startSurroundings } from './surroundings.ts';
import { usageOf } from './usage.ts';

export interface Changes {
  /** How often something happens to each of 50 users, and is waited for. */
  readonly rounds: number;
  /** How many events that is each time: they make a page. */
  readonly events: number;
}

/** What a change cost, on average. */
export interface ChangeCost {
  /** CPU of the process that follows, in milliseconds. */
  readonly worker: number;
  /** CPU of the Restate server, in milliseconds. */
  readonly server?: number;
  /** What the Restate server wrote to the disk, in bytes. */
  readonly written?: number;
  /** The state of a stream at rest, in bytes. */
  readonly state?: number;
  /** Requests to Box's API, and long polls. */
  readonly apiCalls: number;
  readonly polls: number;
}

const users = 50;
const warmUp = 3;
const untilSettled = 2_500;
// A poll that is held for long enough is no reason to back off.
const quiet = { reconnectAfter: 3_500, maxRetries: 1_000 };

/** What changes cost on Restate, when each stream keeps so many recent ids. */
export async function changesOnRestate(changes: Changes, recentSize: number): Promise<ChangeCost> {
  return await costOnRestate((box) => happen(box, changes), changes.rounds, recentSize);
}

/** What it costs on Restate that a poll ends without news. */
export async function quietPollsOnRestate(rounds: number): Promise<ChangeCost> {
  return await costOnRestate(
    (box) => box.until(() => box.report.requests.poll >= rounds * users),
    rounds,
    100,
    quiet,
  );
}

async function costOnRestate(
  happens: (box: Simulator) => Promise<void>,
  rounds: number,
  recentSize: number,
  options: SimulatorOptions = {},
): Promise<ChangeCost> {
  await using surroundings = await startSurroundings(users, options);
  const { box, restate, worker } = surroundings;
  await surroundings.follow({
    input: (userId) => ({
      ...{ recentSize, streamPosition: box.positionOf(userId) },
      recent: Array.from({ length: recentSize }, () => randomBytes(20).toString('hex')),
    }),
  });
  const { used, ...requests } = await measure(box, happens, rounds, [worker.pid, restate.pid]);
  const [row] = await restate.query<{ bytes: number }>(
    "select avg(length(value_utf8)) as bytes from state where service_name = 'boxEvents'",
  );
  const [ofWorker, ofServer] = used;
  return {
    worker: ofWorker?.cpu ?? Number.NaN,
    server: ofServer?.cpu ?? Number.NaN,
    written: ofServer?.written ?? Number.NaN,
    state: row?.bytes ?? Number.NaN,
    ...requests,
  };
}

/** What the same changes cost in one process, without Restate. */
export async function changesInOneProcess(changes: Changes): Promise<ChangeCost> {
  await using box = await createSimulator({ users });
  const follower = await startWorker(new URL('one-process.ts', import.meta.url), {
    BOX_API_URL: box.apiUrl,
    BOX_TOKEN: box.serviceToken,
    USERS: box.users.map(({ id }) => id).join(),
  });
  await box.until(() => box.heldPolls === users);
  const { used, ...requests } = await measure(box, (all) => happen(all, changes), changes.rounds, [
    follower.pid,
  ]);
  await follower.kill();
  return { worker: used[0]?.cpu ?? Number.NaN, ...requests };
}

/** What processes use, and what Box is asked, on average of what happens so often to each user. */
async function measure(
  box: Simulator,
  happens: (box: Simulator) => Promise<void>,
  rounds: number,
  pids: readonly (number | undefined)[],
) {
  await happen(box, { rounds: warmUp, events: 1 });
  await sleep(untilSettled);
  const before = pids.map(usageOf);
  box.resetReport();
  await happens(box);
  const { servers, events, poll } = box.report.requests;
  await sleep(untilSettled);
  const count = rounds * users;
  const used = pids.map(usageOf).map(({ cpu, written }, index) => ({
    cpu: (cpu - (before[index]?.cpu ?? 0)) / count,
    written: (written - (before[index]?.written ?? 0)) / count,
  }));
  return { used, apiCalls: (servers + events) / count, polls: poll / count };
}

/** Something happens to everybody, and again as soon as everybody waits for it. */
async function happen(box: Simulator, { rounds, events }: Changes): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const told = box.report.requests.events;
    for (const { id } of box.users) {
      for (let event = 0; event < events; event++) box.publish({}, { userId: id });
    }
    await box.until(() => box.report.requests.events >= told + users && box.heldPolls === users);
  }
}
