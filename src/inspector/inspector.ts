import type { Actor } from 'xstate';
import type { BoxEvent } from '../../machines/box-event.ts';
import type { boxUsersMachine } from '../../machines/box-users.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import type { CheckedInput } from '../../machines/stream-input.ts';
import { type RunningStreams, streamsRunBy } from '../../machines/user-streams.ts';
import type { Simulator } from '../simulator/index.ts';
import { isUsersSnapshot } from '../stream-snapshot.ts';
import type { Action, Step } from './messages.ts';
import { Recent } from './recent.ts';
import { type Recorder, type RecorderOptions, record, type StreamActor } from './recorder.ts';
import { startServer } from './server.ts';
import { controlBox } from './simulated-box.ts';

/** Many streams: an actor of `boxUsersMachine`, as `createActor()` or `boxEventsFor().actor` give it. */
export type UsersActor = Actor<typeof boxUsersMachine>;

/** How streams are inspected. */
export interface InspectorOptions {
  /** The port on 127.0.0.1; 0 is any free one. @default 0 */
  readonly port?: number | undefined;
  /** What the page is called. @default 'box-events' */
  readonly title?: string | undefined;
  /** A simulated Box that the streams follow: the page can publish events in it, and cause faults. @default none */
  readonly box?: Simulator | undefined;
  /**
   * Starts a stream anew where another one ended, and returns its actor: the page then offers that, but for the streams of many users,
   * which their own actor starts.
   *
   * @default the page does not offer it
   */
  readonly restart?: ((input: CheckedInput) => StreamActor) | undefined;
  /** Whether the process stays alive for the page, when nothing else keeps it. @default false */
  readonly keepsProcess?: boolean | undefined;
}

/** A page on this machine that shows streams as they run. */
export interface Inspector {
  /** Where the page is: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /**
   * Shows a further stream, or those of many users.
   *
   * @param name What the stream is called. @default the `userId` that it follows, as those of many users are, or `stream` and a number
   */
  attach(actor: StreamActor | UsersActor, name?: string): void;
  /** Closes the page, and watches the streams no longer; they run on. */
  close(): Promise<void>;
}

/**
 * Opens a page on 127.0.0.1 that shows a stream, or several, on the chart as they run:
 *
 * ```ts
 * const { url } = await attachInspector(events.actor);
 * ```
 *
 * It works with any actor of `boxEventsMachine`, running or not yet, and with one of `boxUsersMachine`: each user's stream appears when it is
 * started, and goes on in the same place when the user comes back. It shows no token, and no channel of a realtime server; whoever can
 * open a port on this machine can see the rest.
 */
export async function attachInspector(
  actors: StreamActor | UsersActor | readonly (StreamActor | UsersActor)[],
  options: InspectorOptions = {},
): Promise<Inspector> {
  const streams = new Map<string, Recorder>();
  const endings: (() => void)[] = [];
  const box = options.box && controlBox(options.box, () => server.notice());
  // All streams together keep as much, however many they are.
  const capacity = () => Math.min(400, Math.max(20, Math.floor(20_000 / Math.max(1, streams.size))));

  const watch = (actor: StreamActor, shown: Shown) => {
    const { id } = shown;
    const before = streams.get(id);
    before?.stop();
    const history = before?.history ?? {
      steps: new Recent<Step>(capacity),
      events: new Recent<BoxEvent>(() => Math.max(10, capacity() / 4)),
    };
    const onChange = () => server.notice(id);
    streams.set(id, record(actor, { ...shown, history, onChange }));
    server.notice(id);
  };

  const nextId = () => String(streams.size + 1);

  const attachUsers = (running: RunningStreams) => {
    const ids = new Map<string, string>();
    const show = (actor: StreamActor) => {
      const { userId = '' } = actor.getSnapshot().context;
      const id = ids.get(userId) ?? nextId();
      ids.set(userId, id);
      watch(actor, { id, name: userId, canRestart: false });
    };
    for (const stream of running) show(stream);
    endings.push(running.onAdd(show));
  };

  const attach = (actor: StreamActor | UsersActor, name?: string) => {
    if (isOfMany(actor)) {
      for (const child of Object.values(actor.getSnapshot().children)) attachUsers(streamsRunBy(child));
      return;
    }
    const id = nextId();
    const shownAs = name ?? actor.getSnapshot().context.userId ?? `stream ${id}`;
    watch(actor, { id, name: shownAs, canRestart: options.restart !== undefined });
  };

  const act = async (action: Action): Promise<void> => {
    if (action.do === 'fault') return box?.setFault(action.fault, action.isOn);
    const stream = streams.get(action.stream);
    if (!stream) throw new TypeError('There is no such stream.');
    if (action.do === 'publish') return box?.publish(stream.actor.getSnapshot().context.userId);
    if (action.do !== 'restart') return stream.actor.send({ type: action.do });
    const { status, canRestart } = stream.row;
    if (!(options.restart && canRestart) || status === 'active')
      throw new TypeError('It cannot be started again.');
    watch(options.restart(resumeFrom(stream.actor.getSnapshot())), stream.row);
  };

  const { port = 0, title = 'box-events', keepsProcess = false } = options;
  const faults = () => box?.buttons ?? null;
  const server = await startServer({ port, title, keepsProcess, streams, faults, act });
  for (const actor of 'send' in actors ? [actors] : actors) attach(actor);

  return {
    url: server.url,
    attach,
    async close() {
      for (const end of endings) end();
      for (const stream of streams.values()) stream.stop();
      await server.close();
    },
  };
}

/** A stream as the page lists it. */
type Shown = Pick<RecorderOptions, 'id' | 'name' | 'canRestart'>;

function isOfMany(actor: StreamActor | UsersActor): actor is UsersActor {
  return isUsersSnapshot(actor.getSnapshot());
}
