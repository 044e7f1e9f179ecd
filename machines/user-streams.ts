import {
  Actor,
  type AnyActorRef,
  type CallbackActorLogic,
  createActor,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import type { BoxError } from './box-error.ts';
import type { BoxEvent } from './box-event.ts';
import type { boxEventsMachine } from './box-events.machine.ts';
import type { Page } from './page.ts';
import type { StreamInput } from './stream-input.ts';

/** What `boxUsersMachine` tells the streams. */
export type StreamsCommand =
  /** Starts the stream of a user. */
  | { type: 'start'; userId: string; input: StreamInput }
  /** Stops it, once what is in hand is delivered. */
  | { type: 'stop'; userId: string }
  /** Stops them all, each once what is in hand is delivered. */
  | { type: 'stopAll' };

/** How a stream goes on. */
export type StreamReport =
  /** A page of a user's events, before it is delivered. */
  | { type: 'page'; userId: string; events: readonly BoxEvent[] }
  /** The new position of a user's stream: everything before it has been delivered. */
  | { type: 'position'; userId: string; streamPosition: string }
  /** A failure of a user's stream that may pass: it goes on after `delay` milliseconds. `attempt` counts from 1. */
  | { type: 'retry'; userId: string; error: BoxError; attempt: number; delay: number };

/** How a stream comes to its end. */
export type StreamEnd =
  /** It was told to stop, and stands here. */
  | { type: 'stopped'; userId: string; streamPosition: string }
  /** It has failed for good. */
  | { type: 'failed'; userId: string; error: unknown };

/** What the streams tell `boxUsersMachine`. */
export type StreamsEvent = { type: 'report'; report: StreamReport } | StreamEnd;

/** What may be known of the streams. */
export interface UserStreamsOptions {
  /** Is told what XState inspects in the streams, as the `inspect` of `createActor()` is: each is a system of its own. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
}

/**
 * The actor that `boxUsersMachine` declares as `streams`: it runs a stream for each user, and stops them all when it is stopped itself.
 *
 * Each stream is an actor system of its own. As children of one machine they would share a system, in which XState looks through the timers of
 * all whenever one stops anything, and copies the list of all when one comes or goes: with 2,000 of them a change took six times the CPU, a
 * stream three times the memory, and stopping 4 s.
 *
 * @param stream The machine of one stream, with its actors: `boxEventsMachine.provide({ actors: … })`.
 */
export function createUserStreams(
  stream: typeof boxEventsMachine,
  { inspect }: UserStreamsOptions = {},
): CallbackActorLogic<StreamsCommand> {
  return fromCallback<StreamsCommand>(({ receive, self, sendBack }) => {
    // A simulated clock is everybody's.
    const options = { ...(self instanceof Actor && { clock: self.clock }), ...(inspect && { inspect }) };
    const tell = (event: StreamsEvent) => sendBack(event);
    const streams = new Map<string, Stream>();
    const running = runningStreamsOf(self);

    const start = (userId: string, input: StreamInput) => {
      const actor = createActor(stream, { ...options, input: { ...input, userId } });
      streams.set(userId, actor);
      listen(actor, userId, tell);
      running.add(actor);
      actor.subscribe({
        complete() {
          if (!streams.delete(userId)) return;
          const { streamPosition } = actor.getSnapshot().context;
          tell({ type: 'stopped', userId, streamPosition });
        },
        error(error) {
          streams.delete(userId);
          tell({ type: 'failed', userId, error });
        },
      });
      actor.start();
    };

    receive((command) => {
      if (command.type === 'start') start(command.userId, command.input);
      else if (command.type === 'stop') streams.get(command.userId)?.send({ type: 'stop' });
      else for (const actor of [...streams.values()]) actor.send({ type: 'stop' });
    });

    return () => {
      const unstopped = [...streams.values()];
      streams.clear();
      for (const actor of unstopped) actor.stop();
    };
  });
}

type Stream = Actor<typeof boxEventsMachine>;

/** The streams that an actor runs beside its own system, where its `inspect` does not see them. */
export interface RunningStreams extends Iterable<Stream> {
  /** Calls `listener` with each stream that comes later, before it begins. Returns what ends that. */
  onAdd(listener: (stream: Stream) => void): () => void;
}

/** The streams that an actor of `createUserStreams()` runs; none, of any other actor. */
export function streamsRunBy(actor: AnyActorRef): RunningStreams {
  return runningStreamsOf(actor);
}

class Running implements RunningStreams {
  readonly #streams = new Set<Stream>();
  readonly #listeners = new Set<(stream: Stream) => void>();

  add(stream: Stream): void {
    this.#streams.add(stream);
    const remove = () => this.#streams.delete(stream);
    stream.subscribe({ complete: remove, error: remove });
    for (const listener of this.#listeners) listener(stream);
  }

  onAdd(listener: (stream: Stream) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.iterator]() {
    return this.#streams.values();
  }
}

// Made when it is asked for: who observes an actor may come before it begins.
const runningStreams = new WeakMap<AnyActorRef, Running>();

function runningStreamsOf(actor: AnyActorRef): Running {
  const known = runningStreams.get(actor) ?? new Running();
  runningStreams.set(actor, known);
  return known;
}

/** Passes on what a stream emits; its events by the page, for one by one would cost more than all the rest. */
function listen(stream: Stream, userId: string, tell: (event: StreamsEvent) => void): void {
  const report = (told: StreamReport) => tell({ type: 'report', report: told });
  let page: Page | null = null;
  stream.subscribe({
    next({ context }) {
      if (context.page === page) return;
      page = context.page;
      if (page && page.events.length > 0) report({ type: 'page', userId, events: page.events });
    },
    // Told as the stream's end.
    error: () => {},
  });
  stream.on('position', ({ streamPosition }) => report({ type: 'position', userId, streamPosition }));
  stream.on('retry', ({ error, attempt, delay }) => report({ type: 'retry', userId, error, attempt, delay }));
}
