import { type RestateServer, startRestateServer } from '../../examples/restate/restate-server.ts';
import { startWorker, type WorkerProcess } from '../../examples/restate/worker-process.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';

/** A simulated Box, a Restate server and a worker. */
export interface Surroundings extends AsyncDisposable {
  readonly box: Simulator;
  readonly restate: RestateServer;
  readonly worker: WorkerProcess;
  /** Follows everybody, or the first of them. Resolves when each poll is held. */
  follow(options?: { input?: (userId: string) => object; count?: number }): Promise<void>;
}

// By default a thousand invocations of a partition run at once, and a held poll is one.
const limits = { RESTATE_WORKER__INVOKER__CONCURRENT_INVOCATIONS_LIMIT: '100000' };
const atOnce = 50;

export async function startSurroundings(
  users: number,
  options: SimulatorOptions = {},
): Promise<Surroundings> {
  const box = await createSimulator({ users, ...options });
  const restate = await startRestateServer(limits);
  const worker = await startWorker(new URL('worker.ts', import.meta.url), {
    BOX_API_URL: box.apiUrl,
    BOX_TOKEN: box.serviceToken,
  });
  await restate.register(worker.url);
  return {
    box,
    restate,
    worker,
    async follow({ input = () => ({}), count = users } = {}) {
      for (let first = box.heldPolls; first < count; first += atOnce) {
        const batch = box.users.slice(first, Math.min(first + atOnce, count));
        await Promise.all(
          batch.map(({ id }) => restate.call('boxEvents', id, 'create', { input: input(id) })),
        );
      }
      await box.until(() => box.heldPolls === count);
    },
    [Symbol.asyncDispose]: async () => {
      await worker.kill();
      await restate.stop();
      await box.stop();
    },
  };
}
