import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type BoxEventsOnRestateOptions, boxEventsOnRestate } from '../../src/restate/index.ts';
import type { StoredStream } from '../../src/restate/stored-stream.ts';

/** What a handler asks of Restate. */
export type Command =
  | { handler: string; parameter: Message; delay: number | undefined }
  | { set: StoredStream }
  | { cancel: string }
  /** The end of another invocation was waited for. */
  | { ended: string };

interface Message {
  readonly self?: { readonly id: string; readonly sessionId: string };
  readonly srcs?: readonly string[];
  readonly input?: unknown;
  readonly scheduledEvent?: { readonly id: string };
}

type Handlers = Record<
  'create' | 'send' | 'tell' | 'invokePromise',
  (ctx: unknown, request?: unknown) => Promise<unknown>
>;

/**
 * The object without a server: its handlers run on a context that notes what they ask of Restate. A handler can be run twice on the same
 * state, as after a crash, which a server would have to suffer at the very moment.
 */
export function objectAlone(options: Partial<BoxEventsOnRestateOptions> = {}) {
  const definition = boxEventsOnRestate({ token: 'x', asUser: true, deliver: () => {}, ...options });
  const handlers: Handlers = Reflect.get(definition, 'object');
  let stream: StoredStream | null = null;
  let commands: Command[] = [];

  const object = {
    /** What is kept of the stream. */
    get stream() {
      return stream;
    },
    /** What the last handler asked for. */
    get commands() {
      return commands;
    },
    /** Runs a handler as if for the first time, and forgets what came of it. */
    async rehearse(handler: keyof Handlers, request?: unknown, over?: AbortSignal): Promise<Command[]> {
      const asked: Command[] = [];
      await handlers[handler](notingContext(stream, asked, over), request);
      return asked;
    },
    async run(handler: keyof Handlers, request?: unknown) {
      commands = await object.rehearse(handler, request);
      for (const command of commands) if ('set' in command) stream = command.set;
      return object;
    },
    /** Changes what is kept, as nothing but another release would. */
    keep: (changes: Partial<StoredStream>) => {
      stream = { ...stream, ...changes };
    },
    /** The message by which the promise that was started last tells the chart of its outcome. */
    outcome: (type: 'resolve' | 'reject', data?: unknown) =>
      object.outcomeOf(object.started().at(-1))(type, data),
    /** The same of the promise of this name, of those that the last handler started; also when others have run since. */
    outcomeOf(src: string | undefined) {
      const requests = commands.flatMap((command) => ('handler' in command && command.parameter) || []);
      const self = requests.find(({ srcs }) => src !== undefined && srcs?.[0] === src)?.self;
      return (type: 'resolve' | 'reject', data?: unknown) => ({
        ...{ source: self, target: self },
        event: { type: `restate.promise.${type}`, data },
      });
    },
    /** The message of a timer that the last handler set. */
    timer(name: 'settled' | 'retryTimeout' | 'backoff') {
      const timers = commands.flatMap((command) => ('handler' in command && command.parameter) || []);
      return timers.find(({ scheduledEvent }) => scheduledEvent?.id.includes(`.${name}.`));
    },
    /** What the last handler asked to be run as a promise. */
    get promise() {
      const promises = commands.flatMap((command) => ('handler' in command && command.parameter) || []);
      return promises.find(({ srcs }) => srcs !== undefined);
    },
    /** The names of the promises that the last handler started. */
    started: () => commands.flatMap((command) => ('handler' in command && command.parameter.srcs?.[0]) || []),
  };
  return object;
}

function notingContext(
  stream: StoredStream | null,
  commands: Command[],
  attemptCompletedSignal = new AbortController().signal,
) {
  // The same each time that a handler is run on the same state.
  const invocation = hash('sha1', JSON.stringify(stream));
  let uuids = 0;
  const note = (handler: string, parameter: Message, options?: { getOpts(): { delay?: number } }) => {
    commands.push({ handler, parameter: structuredClone(parameter), delay: options?.getOpts().delay });
    return { invocationId: Promise.resolve(`inv_${commands.length}`) };
  };
  return {
    key: '17738362001',
    console,
    rand: { random: () => 0.25, uuidv4: () => `${invocation}-${uuids++}` },
    request: () => ({ target: { service: 'boxEvents' }, attemptCompletedSignal }),
    run: async (_: string, action: () => unknown) => await action(),
    get: async () => structuredClone(stream),
    set: (_: string, value: StoredStream) => commands.push({ set: structuredClone(value) }),
    objectSendClient: () => ({
      invokePromise: note.bind(null, 'invokePromise'),
      tell: note.bind(null, 'tell'),
    }),
    invocation: (id: string) => ({
      cancel: () => commands.push({ cancel: id }),
      attach: async () => {
        await setImmediate();
        commands.push({ ended: id });
      },
    }),
  };
}
