import type { AnyActorRef } from 'xstate';
import type { BoxRequest } from '../../machines/box-error.ts';
import { longestTimer } from '../deadline.ts';
import { createGatherer } from './entry-gatherer.ts';
import { errorTypeOf, requestOf } from './error-type.ts';
import type { StreamFact } from './facts.ts';
import { observeStreams } from './observe-streams.ts';

/** An entry of a log: what happened to a stream, or to so many. It never holds a token, a channel, or anything of an event. */
export interface LogEntry {
  /** `info`, `warn` for what may pass, `error` for what will not. */
  readonly level: 'info' | 'warn' | 'error';
  /** What happened: the same words each time. */
  readonly message: string;
  /** Whose stream it is, where it has a user. */
  readonly userId?: string;
  /** To how many streams it happened, when to more than one. */
  readonly streams?: number;
  /** Where the stream stands. */
  readonly streamPosition?: string;
  /** Which request failed. */
  readonly request?: BoxRequest;
  /** What kind of failure it is, in a word, as in the metrics. */
  readonly errorType?: string;
  /** What a `BoxError` says; of another error its name only, for it may say what no log should hold. */
  readonly error?: string;
  /** Back-offs in a row. */
  readonly attempt?: number;
  /** After how many milliseconds it is tried again. */
  readonly delay?: number;
}

/** How streams are logged. */
export interface LogOptions {
  /**
   * For how long what happens to many streams alike is gathered, in milliseconds: it is told of the first at once, and of the others in
   * one entry.
   *
   * @default 10_000
   */
  readonly gatherFor?: number | undefined;
}

/**
 * Logs what happens to streams, and only what somebody may want to know: that a stream follows, that it fails (at the first, tenth,
 * hundredth … attempt), has recovered, has stopped, has failed for good. `write` brings an entry to your logger:
 *
 * ```ts
 * logStreams(events.actor, ({ level, message, ...fields }) => console[level](message, fields)); // winston, too
 * logStreams(events.actor, ({ level, message, ...fields }) => logger[level](fields, message)); // pino
 * ```
 *
 * What `write` throws is thrown into the process, as that of any listener is.
 *
 * @param actor An actor of `boxEventsMachine` or of `boxUsersMachine`, `events.actor` for one; or one of yours: then the streams among its
 * children, and theirs. Also those that come later.
 * @returns what ends it, once what was gathered is written.
 * @throws {TypeError} that says what is wrong.
 */
export function logStreams(
  actor: AnyActorRef,
  write: (entry: LogEntry) => void,
  { gatherFor = 10_000 }: LogOptions = {},
): () => void {
  if (typeof write !== 'function') throw new TypeError('write must be a function that takes an entry.');
  if (!(gatherFor >= 0 && gatherFor <= longestTimer)) {
    throw new TypeError(
      `gatherFor must be milliseconds, from 0 to ${longestTimer}, not ${String(gatherFor)}.`,
    );
  }
  // Not in the middle of the stream's step.
  const log = createGatherer((entry) => queueMicrotask(() => write(entry)), gatherFor);
  const streams = observeStreams(actor, {
    tell({ userId, snapshot }, fact) {
      const entry = entryOf(fact, snapshot.context.streamPosition);
      if (entry) log.add({ ...entry, ...(userId !== undefined && { userId }) });
    },
    end: log.flush,
  });
  return () => {
    streams.stop();
    log.flush();
  };
}

function entryOf(fact: StreamFact, streamPosition: string): LogEntry | undefined {
  switch (fact.type) {
    case 'delivered':
      return fact.isFirst ? { level: 'info', message: 'stream follows', streamPosition } : undefined;
    case 'retry': {
      const { attempt, delay, error } = fact;
      if (!/^10*$/.test(String(attempt))) return undefined;
      return { level: 'warn', message: 'stream fails, and is tried again', ...tell(error), attempt, delay };
    }
    case 'recovered':
      return { level: 'info', message: 'stream has recovered', attempt: fact.attempts };
    case 'stopped':
      return { level: 'info', message: 'stream has stopped', streamPosition };
    case 'failed':
      return { level: 'error', message: 'stream has failed for good', ...tell(fact.error) };
  }
  return undefined;
}

function tell(error: unknown): Pick<LogEntry, 'request' | 'errorType' | 'error'> {
  const request = requestOf(error);
  const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
  return {
    ...(request && { request }),
    errorType: errorTypeOf(error),
    error: name === 'BoxError' ? message : name,
  };
}
