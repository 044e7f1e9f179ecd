import { type Actor, createActor, fromPromise, SimulatedClock } from 'xstate';
import { boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import type { StreamInput } from '../../machines/stream-input.ts';
import { createServices } from '../../src/services.ts';
import { createSimulator, type Fault, type SimulatorRequest } from '../../src/simulator/index.ts';
import { createFetch } from '../../src/transport/node.ts';
import { stateInWords } from '../support/state-in-words.ts';

interface Pending {
  readonly request: SimulatorRequest;
  /** Lets Box answer, or fail. */
  readonly release: () => void;
}

const fetch = createFetch();

/**
 * A stream over the real services at a simulated Box that answers only when it is told to, a consumer that handles a page when it is told
 * to, and a clock that is moved by hand. Positions and events are told as numbers, in the order of publication.
 */
export async function createSurroundings(wire: {
  limit: number;
  maxRetries: number;
  realtimeServers: number;
}) {
  const clock = new SimulatedClock();
  const box = await createSimulator({ clock, ...wire, reconnectAfter: 1e9 });
  const requests: SimulatorRequest[] = [];
  const numbers = new Map([[box.positionOf(), 0]]);
  const delivered: number[] = [];
  const said: unknown[] = [];
  let retry: { attempt: number; delay: number } | undefined;
  let retries = 0;
  let pending: Pending | undefined;
  let consumer: { handle: () => void; fail: () => void } | undefined;
  const watchers = new Set<() => void>();
  const notice = () => {
    for (const look of watchers) look();
  };
  box
    .until(() => {
      notice();
      return false;
    })
    .catch(() => {});
  box.intercept = (request) => {
    requests.push(request);
    return new Promise((resolve) => {
      pending = { request, release: () => resolve(undefined) };
      notice();
    });
  };

  const deliver = fromPromise<void, Delivery>(
    ({ input }) =>
      new Promise((resolve, reject) => {
        consumer = {
          handle: () => {
            delivered.push(...input.events.map(({ sequence }) => Number(sequence)));
            resolve();
          },
          fail: () => reject(new Error('The consumer failed.')),
        };
        notice();
      }),
  );
  const machine = boxEventsMachine.provide({
    actors: {
      ...createServices({ token: box.token, apiUrl: box.apiUrl, limit: wire.limit, fetch }),
      deliver,
    },
  });
  const begin = (input: StreamInput): Actor<typeof boxEventsMachine> => {
    const started = createActor(machine, { input, clock });
    started.on('*', (emitted) => {
      said.push(emitted);
      if (emitted.type !== 'retry') return;
      retry = emitted;
      retries += 1;
      notice();
    });
    started.subscribe({
      next: notice,
      complete: notice,
      error: (error) => {
        said.push(error);
        notice();
      },
    });
    return started.start();
  };
  let actor = begin({});

  const numberOf = (position: string | null) => numbers.get(position ?? '') ?? position;
  const describe = ({ kind, url, server, headers }: SimulatorRequest) => {
    const from = numberOf(new URLSearchParams(url.split('?')[1]).get('stream_position'));
    const where =
      kind === 'poll' ? `poll ${server} from ${from}` : kind === 'events' ? `events from ${from}` : kind;
    return (headers.authorization === undefined) === (kind === 'poll')
      ? where
      : `${where}, with or without a token`;
  };

  return {
    clock,
    /** What anybody can see. */
    get seen() {
      const { status, value, context, output } = actor.getSnapshot();
      return {
        state: status === 'error' ? 'error' : stateInWords(value),
        requests: requests.map(describe),
        retries,
        open: requests.filter(({ over }) => !over).length,
        delivered: [...delivered],
        position: numberOf(context.streamPosition),
        output: output && numberOf(output.streamPosition),
      };
    },
    /** The last back-off that was told. */
    get retry() {
      return retry;
    },
    /** Whatever the stream says or keeps: nobody may find a key in it. */
    get told() {
      return { said, kept: JSON.stringify(actor.getPersistedSnapshot()) };
    },
    keys: () => ({
      token: box.token,
      channels: requests.flatMap(({ url }) => /channel=(\w+)/.exec(url)?.[1] ?? []),
    }),
    publish: (count: number) => {
      for (let index = 0; index < count; index++) {
        box.publish({ source: null, sequence: numbers.size - 1 });
        numbers.set(box.positionOf(), numbers.size);
      }
    },
    /** Lets the request that waits be answered, by Box or by a fault of its. */
    answer: async (fault?: (request: SimulatorRequest) => Omit<Fault, 'on' | 'nth'>) => {
      await box.clearFaults();
      const { request, release } = pending ?? fail('Nothing was asked.');
      pending = undefined;
      if (fault && request.kind !== 'other') box.setFault({ ...fault(request), on: request.kind, nth: 1 });
      release();
    },
    handle: () => (consumer ?? fail('Nothing was delivered.')).handle(),
    throws: () => (consumer ?? fail('Nothing was delivered.')).fail(),
    send: (type: 'pause' | 'resume' | 'stop') => actor.send({ type }),
    /** The process dies, and another one goes on from what it kept. */
    crash: () => {
      const kept = JSON.stringify(actor.getPersistedSnapshot());
      actor.stop();
      actor = begin(resumeFrom(JSON.parse(kept)));
    },
    /** Resolves as soon as the condition holds, or after a second without it. */
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const end = () => {
          watchers.delete(look);
          clearTimeout(deadline);
          resolve();
        };
        const look = () => {
          if (condition()) end();
        };
        const deadline = setTimeout(end, 1_000);
        watchers.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      actor.stop();
      await box.stop();
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}
