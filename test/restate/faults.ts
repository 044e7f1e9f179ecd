import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../../examples/restate/ledger.ts';
import { type RestateServer, startRestateServer } from '../../examples/restate/restate-server.ts';
import { startWorker } from '../../examples/restate/worker-process.ts';
import type { StreamSnapshot } from '../../src/restate/index.ts';
import type { StoredStream } from '../../src/restate/stored-stream.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { startBalancer } from './balancer.ts';
import { checkPages } from './check-pages.ts';
import { killAtRandom } from './kill-at-random.ts';
import { startSink } from './sink.ts';

export interface FaultsOptions {
  readonly users: number;
  /** How much has happened to each before they are followed: it comes in full pages, the next one fetched ahead, while processes are killed. */
  readonly backlog: number;
  /** For how long processes are killed, in milliseconds. */
  readonly milliseconds: number;
  /** How much happens, to all users taken together. */
  readonly eventsPerMinute: number;
  /** Whence the moments and the victims come. */
  readonly random: () => number;
  readonly say?: (what: string) => void;
}

/** What happened. */
export interface FaultsReport {
  readonly killed: readonly string[];
  readonly events: number;
  /** Pages that somebody outside of Restate was sent more than once. */
  readonly repeatedPages: number;
  /** Events that reached a ledger again, and were not taken. */
  readonly repeatedInLedgers: number;
  /** How long after everybody was back the last event was in its ledger, in milliseconds. */
  readonly recovered: number;
}

const patience = 90_000;

/**
 * Follows users of a simulated Box with a Restate server and two workers, kills any of the three at random moments, brings them back, and
 * checks what came of it. Rejects with the first thing that is not right.
 */
export async function playFaults(options: FaultsOptions): Promise<FaultsReport> {
  const { users, backlog, milliseconds, eventsPerMinute, random, say = () => {} } = options;
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await createSimulator({ users }));
  const restate = stack.use(await startRestateServer());
  const sink = stack.adopt(await startSink(), ({ stop }) => stop());
  const environment = { BOX_API_URL: box.apiUrl, BOX_TOKEN: box.serviceToken, SINK_URL: sink.url };
  const program = new URL('worker.ts', import.meta.url);
  const startOne = async () => stack.adopt(await startWorker(program, environment), ({ kill }) => kill());
  const [first, second] = [await startOne(), await startOne()];
  const balancer = stack.adopt(await startBalancer([first.port, second.port]), ({ stop }) => stop());
  await restate.register(balancer.url);

  for (const { id: userId } of box.users) {
    for (let event = 0; event < backlog; event++) box.publish({}, { userId });
  }
  const input = { streamPosition: '0' };
  await Promise.all(box.users.map(({ id }) => restate.call('boxEvents', id, 'create', { input })));
  say(`${users} users are followed.`);

  box.setFault({ what: 'status', on: ['servers', 'events'], probability: 0.02 });
  box.setFault({ what: 'reset', on: 'poll', probability: 0.02 });
  const endTraffic = box.startTraffic({ eventsPerMinute });
  const victims = { 'first worker': first, 'second worker': second, server: restate };
  const killed = await killAtRandom(victims, { milliseconds, random, say });
  endTraffic();
  await box.clearFaults();
  // Whoever is stuck would not hear of this.
  for (const { id } of box.users) box.publish({}, { userId: id });
  const back = performance.now();
  say('Everybody is back.');

  const ledgers = await everythingIsTaken(box, restate);
  const recovered = performance.now() - back;
  say(`Everything is taken, ${(recovered / 1_000).toFixed(1)} s later.`);
  await everybodyIsFollowedOnce(box, restate);

  for (const { id } of box.users)
    assert.deepEqual(ledgers.get(id)?.ids, idsOf(box, id), `The ledger of ${id}`);
  const repeats = box.users.map(({ id }) => {
    return checkPages(
      sink.pages.filter(({ userId }) => userId === id),
      idsOf(box, id),
      id,
    );
  });
  await everybodyStops(box, restate);
  return {
    killed,
    events: box.report.published,
    repeatedPages: sum(repeats),
    repeatedInLedgers: sum([...ledgers.values()].map(({ repeated }) => repeated)),
    recovered,
  };
}

/** The ledgers, once each has all that Box holds. */
async function everythingIsTaken(box: Simulator, restate: RestateServer): Promise<Map<string, Ledger>> {
  return await eventually('Everything is taken', async () => {
    const ledgers = await stateOf<Ledger>(restate, 'ledger');
    for (const { id } of box.users) {
      assert.ok((ledgers.get(id)?.ids.length ?? 0) >= idsOf(box, id).length, `The ledger of ${id} is short.`);
    }
    return ledgers;
  });
}

/** Each user stands where Box stands, and holds one long poll; nothing else is under way, or waits to be tried again. */
async function everybodyIsFollowedOnce(box: Simulator, restate: RestateServer): Promise<void> {
  await eventually('Everybody is followed once', async () => {
    const streams = await stateOf<StoredStream>(restate, 'boxEvents');
    for (const { id } of box.users) {
      const { status, value, context } = streams.get(id)?.snapshot ?? {};
      const stream = { status, value, streamPosition: context?.streamPosition };
      assert.deepEqual(stream, { status: 'active', value: 'polling', streamPosition: box.positionOf(id) });
    }
    assert.equal(box.heldPolls, box.users.length);
    const invocations = await restate.query<{ status: string; n: number }>(
      "select status, count(*) as n from sys_invocation where status not in ('scheduled', 'completed') group by status",
    );
    assert.deepEqual(invocations, [{ status: 'running', n: box.users.length }]);
  });
}

async function everybodyStops(box: Simulator, restate: RestateServer): Promise<void> {
  for (const { id } of box.users) {
    const event = { type: 'stop' };
    const { status, output } = await restate.call<StreamSnapshot>('boxEvents', id, 'send', { event });
    assert.deepEqual({ status, output }, { status: 'done', output: { streamPosition: box.positionOf(id) } });
  }
  await box.until(() => box.heldPolls === 0);
}

/** What the users' objects of a name keep. */
async function stateOf<T>(restate: RestateServer, name: string): Promise<Map<string, T>> {
  const rows = await restate.query<{ service_key: string; value_utf8: string }>(
    `select service_key, value_utf8 from state where service_name = '${name}'`,
  );
  return new Map(rows.map(({ service_key, value_utf8 }) => [service_key, JSON.parse(value_utf8)]));
}

/** What an attempt gives, as soon as it does not throw. */
async function eventually<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end)
        throw new Error(`${what}: not so after ${patience / 1_000} s.`, { cause: error });
    }
    await sleep(200);
  }
}

function idsOf(box: Simulator, userId: string): unknown[] {
  return box.eventsOf(userId).map((event) => event.event_id);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
