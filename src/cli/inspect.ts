import type { Command } from 'commander';
import { createActor, fromPromise, toPromise } from 'xstate';
import { boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import type { StreamInput, StreamType } from '../../machines/stream-input.ts';
import type { StreamActor } from '../inspector/index.ts';
import { createServices, type ServicesOptions } from '../services.ts';
import type { Simulator } from '../simulator/index.ts';
import { describeError, failWith, misuse } from './command-error.ts';
import { checkSimulated, connect } from './connection.ts';
import { hasCredentials } from './credentials.ts';
import { createEventOutput } from './event-output.ts';
import { isClosedPipe } from './follow.ts';
import { fromOption, numberOption, portOption, streamTypeOption, userOption } from './options.ts';
import { onSignals } from './signals.ts';

interface InspectOptions {
  readonly port: number;
  readonly from?: string;
  readonly user?: string;
  readonly streamType: StreamType;
  readonly users: number;
  readonly json?: true;
}

/** Adds `box-events inspect`: a page that shows the stream on the chart. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .summary('show on a page what the stream does, live, on the chart')
    .description(
      'Does what watch does, and shows on a page of this machine what the stream does: the chart with the state it is in, failures and back-offs, events, and a timeline.',
    )
    .addOption(portOption('where the page is, on 127.0.0.1'))
    .addOption(fromOption())
    .addOption(userOption())
    .addOption(streamTypeOption())
    .option('--json', 'write JSON on a terminal, too')
    .addOption(
      numberOption('--users <count>', 'how many users the simulated Box has, each with a stream', {
        least: 1,
        default: 1,
      }),
    )
    .addHelpText('after', help)
    .action(inspect);
}

const help = `
Without BOX_TOKEN it follows a simulated Box, and the page can make that fail:
see what the stream does when Box answers 503, when a realtime server is down or
silent, when the token is refused.

The events go to stdout as they do with watch, and where the page is to stderr.
No token is on the page, and no channel of a realtime server. It answers to this
machine only. Ctrl-C ends it, once the events in hand are written.

Examples:
  box-events inspect
  box-events inspect --users 100
  BOX_TOKEN=… box-events inspect --port 8081`;

async function inspect(options: InspectOptions): Promise<void> {
  const box = hasCredentials(process.env) ? undefined : await simulate(options);
  const source = box ? simulatedSource(box, options) : await realSource(options);
  const output = createEventOutput(process.stdout, {
    ...options,
    ofUsers: source.streams.length > 1,
  });
  const deliver = fromPromise<void, Delivery>(({ input }) => output.writePage(input));
  const machine = boxEventsMachine.provide({ actors: { ...createServices(source.services), deliver } });
  const end = Promise.withResolvers<void>();
  const releaseSignals = onSignals({ stop: end.resolve, abandon: () => {} });
  const actors: StreamActor[] = [];
  let failure: unknown;

  const follow = (input: StreamInput): StreamActor => {
    const actor = createActor(machine, { input });
    actor.subscribe({
      error: (error) => {
        if (isClosedPipe(error)) return end.resolve();
        failure = error;
        // On the simulated Box it is a fault that was asked for, on the page.
        if (!box) process.stderr.write(`${describeError(error)} The page shows where it ended.\n`);
      },
    });
    actors.push(actor);
    return actor.start();
  };

  try {
    const { attachInspector } = await import('../inspector/index.ts');
    const { port } = options;
    const inspector = await attachInspector([], { port, box, restart: follow, keepsProcess: true }).catch(
      failWith,
    );
    for (const { name, input } of source.streams) inspector.attach(follow(input), name);
    process.stderr.write(`${source.says}\nSee ${inspector.url}. Ctrl-C ends it.\n`);
    await end.promise;
    await stopAll(actors);
    await inspector.close();
  } finally {
    releaseSignals();
    await box?.stop();
  }
  if (failure !== undefined && !box) failWith(failure);
}

// Those that failed have ended already.
async function stopAll(actors: readonly StreamActor[]): Promise<void> {
  await Promise.allSettled(
    actors.map((actor) => {
      actor.send({ type: 'stop' });
      return toPromise(actor);
    }),
  );
}

/** Whom to follow, and how to ask for it. */
interface Source {
  readonly says: string;
  readonly services: ServicesOptions;
  readonly streams: readonly { readonly name: string; readonly input: StreamInput }[];
}

async function realSource({ from, user, users, streamType }: InspectOptions): Promise<Source> {
  if (users > 1)
    throw misuse('--users is about the simulated Box. To follow somebody of yours, give --user.');
  const { services } = await connect(process.env, user);
  const input = { streamPosition: from, streamType, userId: user };
  const name = user === undefined ? services.apiUrl : `user ${user}`;
  return { says: `Following ${services.apiUrl}.`, services, streams: [{ name, input }] };
}

// What it has is what happened since it began, a moment ago.
function simulatedSource(box: Simulator, { from = '0', streamType }: InspectOptions): Source {
  const { apiUrl, serviceToken: token, users } = box;
  return {
    says: 'Following a simulated Box. Set BOX_TOKEN to an access token to follow yours.',
    services: { apiUrl, token, asUser: true },
    streams: users.map(({ id, name }) => ({ name, input: { streamPosition: from, streamType, userId: id } })),
  };
}

// Its realtime servers are to be given up after seconds, not minutes, for somebody is looking.
async function simulate({ user, users }: InspectOptions): Promise<Simulator> {
  checkSimulated(process.env, user);
  const { createSimulator } = await import('../simulator/index.ts');
  const box = await createSimulator({ users, retryTimeout: 20, reconnectAfter: 60_000 });
  box.startTraffic({ seed: Date.now(), eventsPerMinute: 30 });
  return box;
}
