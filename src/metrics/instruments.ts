import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api';
import { errorTypeOf, requestOf } from '../operations/error-type.ts';
import type { PollAnswer, StreamFact } from '../operations/facts.ts';
import type { ObservedStreams } from '../operations/observe-streams.ts';
import { runningStates } from '../operations/stream-record.ts';

/** The instruments of a meter. */
export interface Instruments {
  /** Counts something that a stream did. */
  record(fact: StreamFact): void;
  /** Tells how these streams are, too, whenever metrics are collected. Returns what ends it. */
  watch(streams: ObservedStreams): () => void;
}

/** Creates the instruments that docs/operations.md describes. */
export function createInstruments(meter: Meter): Instruments {
  return { record: createRecorder(meter), watch: createCollector(meter) };
}

/** What is measured as it happens. */
function createRecorder(meter: Meter): Instruments['record'] {
  const deliveredEvents = meter.createCounter('box_events.delivered.events', {
    unit: '{event}',
    description: 'Events that were handled.',
  });
  const deliveredPages = meter.createCounter('box_events.delivered.pages', {
    unit: '{page}',
    description: 'Pages that were handled, also those without a new event.',
  });
  const deliveryDuration = meter.createHistogram('box_events.delivery.duration', {
    unit: 's',
    description: 'How long a page took to be handled, its wait for those before it included.',
    advice: { explicitBucketBoundaries: deliveryBuckets },
  });
  const requestDuration = meter.createHistogram('box_events.request.duration', {
    unit: 's',
    description: "How long a request to Box's API took, the token function included.",
    advice: { explicitBucketBoundaries: requestBuckets },
  });
  const pollDuration = meter.createHistogram('box_events.poll.duration', {
    unit: 's',
    description: 'How long a realtime server held a poll.',
    advice: { explicitBucketBoundaries: pollBuckets },
  });
  const retries = meter.createCounter('box_events.retries', {
    unit: '{retry}',
    description: 'Back-offs: failures that may pass, and answers that bring nothing new again and again.',
  });
  const failures = meter.createCounter('box_events.stream.failures', {
    unit: '{stream}',
    description: 'Streams that have failed for good.',
  });

  return (fact) => {
    switch (fact.type) {
      case 'answered':
        return requestDuration.record(fact.took / 1_000, { [requestName]: fact.request });
      case 'polled':
        return pollDuration.record(fact.took / 1_000, answerAttributes[fact.answer]);
      case 'requestFailed':
        if (fact.request === 'poll') {
          return pollDuration.record(fact.took / 1_000, { [errorName]: errorTypeOf(fact.error) });
        }
        return requestDuration.record(fact.took / 1_000, {
          [requestName]: fact.request,
          [errorName]: errorTypeOf(fact.error),
        });
      case 'delivered':
        deliveredEvents.add(fact.events);
        deliveredPages.add(1);
        return deliveryDuration.record(fact.took / 1_000);
      case 'retry':
        return retries.add(1, describe(fact.error));
      case 'failed':
        return failures.add(1, describe(fact.error));
    }
  };
}

/** What is looked at whenever metrics are collected. */
function createCollector(meter: Meter): Instruments['watch'] {
  const count = meter.createObservableUpDownCounter('box_events.stream.count', {
    unit: '{stream}',
    description: 'Streams by state; `waiting` are users whose stream is still to be started.',
  });
  const lag = meter.createObservableGauge('box_events.stream.lag', {
    unit: 's',
    description:
      'The age of the oldest event in hand, or of the news of a change, of the stream that is most behind; 0 when all are caught up.',
  });
  const sinceProgress = meter.createObservableGauge('box_events.stream.time_since_progress', {
    unit: 's',
    description:
      'How long ago a page was handled last, also one without events, of the stream where it is longest.',
  });

  const watched = new Set<ObservedStreams>();
  const collect = (result: BatchObservableResult) => {
    const { counts, lag: greatestLag, sinceProgress: longest } = summarize(watched);
    for (const [state, streams] of counts) result.observe(count, streams, { [stateName]: state });
    result.observe(lag, greatestLag / 1_000);
    result.observe(sinceProgress, longest / 1_000);
  };
  // For good: of what is observed no more, OpenTelemetry would go on showing the last value.
  meter.addBatchObservableCallback(collect, [count, lag, sinceProgress]);

  return (streams) => {
    watched.add(streams);
    return () => watched.delete(streams);
  };
}

interface Summary {
  readonly counts: ReadonlyMap<string, number>;
  readonly lag: number;
  readonly sinceProgress: number;
}

/** All streams taken together, at this moment. */
function summarize(watched: Iterable<ObservedStreams>): Summary {
  const counts = new Map<string, number>(shownStates.map((state) => [state, 0]));
  const now = { date: Date.now(), monotonic: performance.now() };
  let lag = 0;
  let sinceProgress = 0;
  for (const streams of watched) {
    counts.set('waiting', (counts.get('waiting') ?? 0) + streams.waiting());
    for (const record of streams.running()) {
      counts.set(record.state, (counts.get(record.state) ?? 0) + 1);
      if (record.state === 'paused') continue;
      lag = Math.max(lag, record.lag(now.date));
      sinceProgress = Math.max(sinceProgress, now.monotonic - record.progressAt);
    }
  }
  return { counts, lag, sinceProgress };
}

function describe(error: unknown): Attributes {
  const request = requestOf(error);
  return { ...(request && { [requestName]: request }), [errorName]: errorTypeOf(error) };
}

const stateName = 'box_events.stream.state';
const requestName = 'box_events.request.type';
const errorName = 'error.type';

const shownStates = ['waiting', ...runningStates];

const answerAttributes: Record<PollAnswer, Attributes> = {
  newChange: { 'box_events.poll.answer': 'new_change' },
  reconnect: { 'box_events.poll.answer': 'reconnect' },
  maxRetries: { 'box_events.poll.answer': 'max_retries' },
  silence: { [errorName]: 'timeout' },
};

const requestBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];
const pollBuckets = [0.1, 1, 5, 15, 60, 120, 240, 360, 480, 600, 720];
const deliveryBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
