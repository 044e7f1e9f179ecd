import { type ObjectContext, type ObjectSharedContext, TerminalError } from '@restatedev/restate-sdk';
import type { SerialisableActorRef, State } from '@restatedev/xstate';
import type { Snapshot, StateValue } from 'xstate';
import type { BoxEventsContext, BoxEventsOutput } from '../../machines/box-events.machine.ts';

const key = 'stream';

/** A stream as it is kept: what the XState integration keeps, and who holds the long poll. */
export interface StoredStream extends Partial<Omit<State, 'snapshot'>> {
  snapshot?: StoredSnapshot;
  longPoll?: HeldPoll | undefined;
}

/** The persisted snapshot of the machine. */
export type StoredSnapshot = Snapshot<BoxEventsOutput> & { value: StateValue; context: BoxEventsContext };

/** A long poll under way. */
export interface HeldPoll {
  /** The actor that waits for it. */
  readonly sessionId: string;
  /** The invocation that holds it. */
  readonly invocationId: string;
}

/** The object's state; the integration believes that its own is there, too. */
type Kept = State & { [key]: StoredStream };

export type StreamContext = ObjectContext<Kept>;
export type SharedStreamContext = ObjectSharedContext<Kept>;

/** What is kept of a user's stream; empty when there is none. */
export async function readStream(ctx: StreamContext | SharedStreamContext): Promise<StoredStream> {
  return (await ctx.get(key)) ?? {};
}

/** Whether the chart is in a state that waits for an actor. */
export function isAwaited({ children = {} }: StoredStream, { sessionId }: SerialisableActorRef): boolean {
  return Object.values(children).some((actor) => actor.sessionId === sessionId);
}

/**
 * The state that the integration reads and writes, as one record that is read once and written once. Left to itself it asks Restate for
 * each key, several times an invocation, and Restate journals each answer with its value.
 */
export class StateRecord {
  readonly stream: StoredStream;
  readonly #before: string;

  constructor(stream: StoredStream) {
    this.stream = stream;
    this.#before = withoutTimers(stream);
  }

  /** What takes the place of the context's own members. */
  readonly members = {
    get: async (name: string): Promise<unknown> => Reflect.get(this.stream, name) ?? null,
    set: (name: string, value: unknown): void => {
      Reflect.set(this.stream, name, value);
    },
    clear: (name: string): void => {
      Reflect.deleteProperty(this.stream, name);
    },
  };

  /** The snapshot after a step. */
  get snapshot(): StoredSnapshot {
    if (!this.stream.snapshot) throw new TerminalError('The stream has no snapshot.');
    return this.stream.snapshot;
  }

  /** Writes the record, unless all that happened is that a timer went off: that it did is of no use to anybody. */
  save(ctx: StreamContext): void {
    if (withoutTimers(this.stream) !== this.#before) ctx.set(key, this.stream);
  }
}

function withoutTimers(stream: StoredStream): string {
  return JSON.stringify({ ...stream, events: undefined });
}
