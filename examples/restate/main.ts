import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamSnapshot } from 'box-events/restate';
import { createSimulator } from 'box-events/simulator';
import type { Ledger } from './ledger.ts';
import { startRestateServer } from './restate-server.ts';
import { startWorker } from './worker-process.ts';

// Fifty users of a simulated Box are followed on Restate, while the worker and then the server are killed.
// An exit, at which the processes end, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const began = performance.now();
const box = await createSimulator({ users: 50 });
const restate = await startRestateServer();
const worker = await startWorker(new URL('worker.ts', import.meta.url), {
  BOX_API_URL: box.apiUrl,
  BOX_TOKEN: box.serviceToken,
});
await restate.register(worker.url);
say(`A simulated Box, a Restate server (process ${restate.pid}) and a worker (process ${worker.pid}) run.`);

await Promise.all(box.users.map(({ id }) => restate.call('boxEvents', id, 'create')));
await everybodyIsFollowed();
say(`${box.users.length} users are followed: the worker holds ${box.heldPolls} long polls.`);

const endTraffic = box.startTraffic({ eventsPerMinute: 1_200 });
say('People begin to work: about 20 events a second.');
await sleep(3_000);
await killAndRestart('worker', worker);
await sleep(3_000);
await killAndRestart('Restate server', restate);
await sleep(3_000);
endTraffic();
say('People go home.');

for (const { id } of box.users) {
  const ids = box.eventsOf(id).map((event) => event.event_id);
  const ledger = await ledgerWith(id, ids.length);
  assert.deepEqual(ledger, { ids, repeated: 0 });
  const { status, context } = await restate.call<StreamSnapshot>('boxEvents', id, 'snapshot');
  assert.equal(status, 'active');
  assert.equal(context.streamPosition, box.positionOf(id));
}
say(`${box.report.published} events happened. Each is in its user's ledger, once and in order.`);
say('Every user is followed still, and stands where Box stands.');

await restate.stop();
await worker.kill();
await box.stop();

async function killAndRestart(name: string, victim: typeof restate | typeof worker): Promise<void> {
  const { pid } = victim;
  await victim.kill();
  say(`The ${name} (process ${pid}) is killed.`);
  await box.until(() => box.heldPolls === 0);
  const before = box.report.published;
  await sleep(2_000);
  await victim.start();
  say(
    `It is started again (process ${victim.pid}); ${box.report.published - before} events happened meanwhile.`,
  );
  await everybodyIsFollowed();
  say('Everybody is followed again.');
}

async function everybodyIsFollowed(): Promise<void> {
  await box.until(() => box.heldPolls === box.users.length);
}

/** A user's ledger, as soon as it has so many events. */
async function ledgerWith(userId: string, size: number): Promise<Ledger> {
  for (;;) {
    const ledger = await restate.call<Ledger>('ledger', userId, 'read');
    if (ledger.ids.length >= size) return ledger;
    await sleep(100);
  }
}

function say(what: string): void {
  console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s  ${what}`);
}
