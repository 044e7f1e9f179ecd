import {
  Actor,
  type ActorRefLike,
  type AnyActorRef,
  type AnyEventObject,
  type InspectionEvent,
  type Snapshot,
  type Subscription,
} from 'xstate';
import { streamsRunBy } from '../../machines/user-streams.ts';
import { isStreamSnapshot, isUsersSnapshot } from '../stream-snapshot.ts';
import type { StreamFact } from './facts.ts';
import { StreamRecord } from './stream-record.ts';

/** The streams of an actor, as long as they run. */
export interface ObservedStreams {
  /** Those that run, in the order in which they began. */
  running(): Iterable<StreamRecord>;
  /** How many users wait for their stream to be started. */
  waiting(): number;
  /** Observes no longer. */
  stop(): void;
}

/** Who is told what the streams do. What they throw is thrown into the process, as that of any listener is. */
export interface StreamsObserver {
  /** A stream did something. */
  tell(record: StreamRecord, fact: StreamFact): void;
  /** The actor has ended, and with it all streams. */
  end?(): void;
}

/**
 * Observes the streams of an actor: itself, or its children and theirs, also those that come later. It learns of them from XState's
 * inspection events, and so subscribes to nothing that would change them: an error that nobody handles is still reported.
 *
 * @throws {TypeError} when it is no actor.
 */
export function observeStreams(actor: AnyActorRef, { tell, end }: StreamsObserver): ObservedStreams {
  if (typeof actor?.system?.inspect !== 'function') {
    throw new TypeError('Give the actor to observe: events.actor, where events is what boxEvents() gave.');
  }
  const records = new Map<ActorRefLike, StreamRecord>();
  const parents = new Set<ActorRefLike>();
  const inspections = new Map<ActorRefLike, Subscription>();
  const endings = new Map<ActorRefLike, () => void>();

  const add = (added: AnyActorRef) => {
    const snapshot: unknown = added.getSnapshot();
    if (isStreamSnapshot(snapshot)) {
      if (snapshot.status === 'active') records.set(added, new StreamRecord(snapshot));
    } else if (hasChildren(snapshot)) {
      parents.add(added);
      for (const child of Object.values(snapshot.children)) add(child);
    } else {
      const running = streamsRunBy(added);
      for (const stream of running) addBeside(stream);
      endings.set(added, running.onAdd(addBeside));
    }
  };

  const addSystem = (root: AnyActorRef) => {
    inspections.set(root, root.system.inspect(inspect));
    add(root);
  };

  // Its error is handled where it is run: to hear of it, too, takes it away from nobody.
  const addBeside = (stream: AnyActorRef) => {
    stream.subscribe({ error: (error) => fail(stream, error) });
    addSystem(stream);
  };

  const forget = (stream: ActorRefLike): void => {
    records.delete(stream);
    if (stream === actor) return;
    inspections.get(stream)?.unsubscribe();
    inspections.delete(stream);
  };

  const step = (stream: ActorRefLike, snapshot: unknown, event: AnyEventObject) => {
    const record = records.get(stream);
    if (!record || !isStreamSnapshot(snapshot)) return;
    const facts = record.take(snapshot, event);
    if (snapshot.status !== 'active') forget(stream);
    for (const fact of facts) tell(record, fact);
  };

  // What throws within a step, as a service that gives no server does, ends the stream without one.
  const fail = (stream: ActorRefLike, error: unknown) => {
    const record = records.get(stream);
    if (!record) return;
    forget(stream);
    tell(record, { type: 'failed', error });
  };

  const take = (inspected: InspectionEvent) => {
    const { actorRef } = inspected;
    if (inspected.type === '@xstate.microstep') {
      step(actorRef, inspected.snapshot, inspected.event);
    } else if (inspected.type === '@xstate.event') {
      const { event, sourceRef } = inspected;
      if (!sourceRef) return;
      const isChild = event.type === 'xstate.init' && parents.has(sourceRef);
      if (isChild && actorRef instanceof Actor) add(actorRef);
      else if (event.type.startsWith('xstate.error.actor.')) fail(sourceRef, event.error);
    } else if (inspected.type === '@xstate.snapshot' && inspected.snapshot.status !== 'active') {
      parents.delete(actorRef);
      endings.get(actorRef)?.();
      endings.delete(actorRef);
      if (actorRef === actor) end?.();
    }
  };
  const inspect = (inspected: InspectionEvent) => {
    try {
      take(inspected);
    } catch (error) {
      // XState would have it end the stream.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  addSystem(actor);

  return {
    running() {
      const { status, error } = snapshotOf(actor);
      if (status === 'error') fail(actor, error);
      return records.values();
    },
    waiting() {
      let waiting = 0;
      for (const parent of parents) {
        const snapshot: unknown = parent.getSnapshot();
        if (isUsersSnapshot(snapshot)) waiting += snapshot.context.waiting.length;
      }
      return waiting;
    },
    stop() {
      for (const inspection of inspections.values()) inspection.unsubscribe();
      for (const ending of endings.values()) ending();
      records.clear();
      parents.clear();
    },
  };
}

function snapshotOf(actor: AnyActorRef): Snapshot<unknown> {
  return actor.getSnapshot();
}

function hasChildren(snapshot: unknown): snapshot is { children: Record<string, AnyActorRef> } {
  return typeof snapshot === 'object' && snapshot !== null && 'children' in snapshot;
}
