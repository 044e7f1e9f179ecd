import { type MeterProvider, metrics } from '@opentelemetry/api';
import type { AnyActorRef } from 'xstate';
import { observeStreams } from '../operations/observe-streams.ts';
import { createInstruments, type Instruments } from './instruments.ts';

/** Where the metrics go. */
export interface MetricsOptions {
  /**
   * Gives the meter, whose name is `box-events`.
   *
   * @default the global one, which must be registered before: OpenTelemetry gives one that does nothing until then
   */
  readonly meterProvider?: MeterProvider | undefined;
}

/**
 * Measures streams, through OpenTelemetry: what they deliver, what they ask Box and how long that takes, what fails, how far they are behind.
 *
 * ```ts
 * const events = boxEventsFor(options);
 * const endMetrics = observeMetrics(events.actor);
 * ```
 *
 * No attribute holds a token, a channel or the id of a user: a series for each user would cost more than the streams. Any number of
 * actors may be observed, each once; they are summed up, and of lag and time since progress the greatest counts.
 *
 * @param actor An actor of `boxEventsMachine` or of `boxUsersMachine`, `events.actor` for one; or one of yours: then the streams among its
 * children, and theirs. Also those that come later.
 * @returns what ends it.
 * @throws {TypeError} when it is no actor.
 * @see https://github.com/open-telemetry/semantic-conventions, whose rules the names follow
 */
export function observeMetrics(
  actor: AnyActorRef,
  { meterProvider = metrics.getMeterProvider() }: MetricsOptions = {},
): () => void {
  const instruments = instrumentsOf(meterProvider);
  const streams = observeStreams(actor, { tell: (_, fact) => instruments.record(fact) });
  const release = instruments.watch(streams);
  return () => {
    release();
    streams.stop();
  };
}

// What is observed twice under one name counts once in OpenTelemetry: one set of instruments sums up all actors.
const known = new WeakMap<MeterProvider, Instruments>();

function instrumentsOf(meterProvider: MeterProvider): Instruments {
  const instruments = known.get(meterProvider) ?? createInstruments(meterProvider.getMeter('box-events'));
  known.set(meterProvider, instruments);
  return instruments;
}
