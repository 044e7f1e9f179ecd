import type { Actor, AnyEventObject, AnyTransitionDefinition } from 'xstate';
import type { BoxEvent } from '../../machines/box-event.ts';
import type { boxEventsMachine } from '../../machines/box-events.machine.ts';
import { isCaughtUp, isStreamSnapshot, oldestIn, type StreamSnapshot } from '../stream-snapshot.ts';
import type { Row, Step } from './messages.ts';
import type { Recent } from './recent.ts';
import { describeContext, describeError, describeEvent, pathOf, transitionId } from './step.ts';

/** A stream: an actor of `boxEventsMachine`, as `createActor()` or `boxEvents().actor` give it. */
export type StreamActor = Actor<typeof boxEventsMachine>;

/** What is known of a stream since it is watched. */
export interface Recorder {
  readonly id: string;
  readonly actor: StreamActor;
  /** The stream at a glance. */
  readonly row: Row;
  readonly history: History;
  /** Watches no longer. */
  stop(): void;
}

/** What a stream did, as far as it is kept. */
export interface History {
  readonly steps: Recent<Step>;
  readonly events: Recent<BoxEvent>;
}

/** How a stream is recorded. */
export interface RecorderOptions {
  readonly id: string;
  readonly name: string;
  readonly canRestart: boolean;
  /** What is gone on with. */
  readonly history: History;
  /** Is called after each change. */
  readonly onChange: () => void;
}

/**
 * Records what a stream does, from the inspection events that XState emits. It subscribes to nothing that would change the stream: an
 * error that nobody handles is still reported.
 */
export function record(actor: StreamActor, options: RecorderOptions): Recorder {
  const { id, name, canRestart, history, onChange } = options;
  const { steps, events } = history;
  let snapshot = actor.getSnapshot();
  let row: Row = {
    ...{ id, name, canRestart, since: Date.now(), status: snapshot.status, state: pathOf(snapshot.value) },
    ...{ attempt: snapshot.context.attempt, streamPosition: snapshot.context.streamPosition },
    ...{ resumesAt: null, behindSince: oldestIn(snapshot), error: null, failures: 0, delivered: 0 },
  };

  const update = (changes: Partial<Row>) => {
    row = { ...row, ...changes };
    onChange();
  };

  const addStep = (event: string, more: { error?: string | null; transitions?: readonly string[] }) => {
    const { error = null, transitions = [] } = more;
    const context = describeContext(snapshot.context);
    steps.add((number) => ({ number, at: Date.now(), event, error, state: row.state, transitions, context }));
  };

  const take = (
    next: StreamSnapshot,
    event: AnyEventObject,
    transitions: readonly AnyTransitionDefinition[],
  ) => {
    const before = snapshot;
    snapshot = next;
    row = { ...row, ...changesOf(row, { before, next }) };
    const failure = event.type.startsWith('xstate.error.') ? describeError(event.error) : null;
    addStep(describeEvent(event), { error: failure, transitions: transitions.map(transitionId) });
    onChange();
  };

  const end = (status: Row['status'], error: unknown) => {
    if (row.status === status) return;
    const failure = status === 'error' ? describeError(error) : null;
    update({ status, resumesAt: null, ...(failure && { error: failure, failures: row.failures + 1 }) });
    addStep(status === 'error' ? 'failed for good' : status, { error: failure });
  };

  addStep(snapshot.status === 'active' ? 'watched from here' : snapshot.status, {});
  const inspection = actor.system.inspect((event) => {
    if (event.actorRef !== actor) return;
    if (event.type === '@xstate.microstep' && isStreamSnapshot(event.snapshot)) {
      take(event.snapshot, event.event, event._transitions);
    } else if (event.type === '@xstate.snapshot' && event.snapshot.status !== 'active') {
      end(event.snapshot.status, event.snapshot.error);
    }
  });
  const listeners = [
    actor.on('event', ({ event }) => events.add(() => event)),
    actor.on('retry', ({ error }) => {
      update({ error: describeError(error), failures: row.failures + 1 });
    }),
  ];

  return {
    id,
    actor,
    get row() {
      return row;
    },
    history,
    stop() {
      inspection.unsubscribe();
      for (const listener of listeners) listener.unsubscribe();
    },
  };
}

interface Change {
  readonly before: StreamSnapshot;
  readonly next: StreamSnapshot;
}

function changesOf(row: Row, { before, next }: Change): Partial<Row> {
  const state = pathOf(next.value);
  const isWaiting = state === 'backingOff';
  const hasMoved = state !== row.state;
  const since = hasMoved ? Date.now() : row.since;
  const { context } = next;
  const delivered = before.context.page && !context.page ? before.context.page.events.length : 0;
  return {
    state,
    since,
    attempt: context.attempt,
    streamPosition: context.streamPosition,
    resumesAt: isWaiting ? (hasMoved ? since + context.delay : row.resumesAt) : null,
    behindSince: isCaughtUp(next) ? null : (oldestIn(next) ?? row.behindSince),
    error: context.attempt === 0 && context.fruitless === 0 ? null : row.error,
    delivered: row.delivered + delivered,
  };
}
