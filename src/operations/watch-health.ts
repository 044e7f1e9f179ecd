import type { AnyActorRef } from 'xstate';
import { clampRetryTimeout } from '../../machines/realtime-server.ts';
import { property } from '../property.ts';
import { observeStreams } from './observe-streams.ts';
import type { StreamRecord, StreamState } from './stream-record.ts';

/** What counts as stalled. */
export interface HealthOptions {
  /**
   * How long a stream may handle no page, in milliseconds, until it counts as stalled.
   *
   * @default the `retry_timeout` of its realtime server (610 s at Box) and a minute
   */
  readonly stalledAfter?: number | undefined;
}

/** The health of streams; see {@link watchHealth}. */
export interface Health {
  /** How they are at this moment. */
  check(): HealthReport;
  /** Watches no longer. */
  stop(): void;
}

/** How streams are. */
export interface HealthReport {
  /** The actor has neither ended nor failed: as long as it is alive, it gets on by itself when Box does. */
  readonly isAlive: boolean;
  /** Nobody waits to be started, and each stream has handled a page, also one without events, but for those that are stalled or paused. */
  readonly isReady: boolean;
  /** Those that do not get on, the longest first. */
  readonly stalled: readonly StalledStream[];
  /** How many streams are in which state; `waiting` are users whose stream is still to be started. */
  readonly streams: Readonly<Record<StreamState | 'waiting', number>>;
  /** How many streams have failed for good since they are watched. */
  readonly failed: number;
}

/** A stream that does not get on. */
export interface StalledStream {
  /** Whose it is, where it has a user. */
  readonly userId: string | undefined;
  /** `delivering`: it is your handling that takes long. `fetchingEvents`: in `boxEventsFor()`, it may be that of other users. */
  readonly state: StreamState;
  /** Back-offs in a row. */
  readonly attempt: number;
  /** How long ago it handled its last page, in milliseconds; if none, since when it is watched. */
  readonly sinceProgress: number;
}

/**
 * Watches whether streams get on: for the probes of Kubernetes, a load balancer, or a watchdog.
 *
 * ```ts
 * const health = watchHealth(events.actor);
 * const { isAlive, isReady, stalled } = health.check();
 * ```
 *
 * Stalled is a stream that has backed off ten times in a row, which is after one to three minutes of failures; and one that handled no
 * page for longer than `stalledAfter`. A stream that polls in a quiet account is well, and so is a paused one.
 *
 * @param actor An actor of `boxEventsMachine` or of `boxUsersMachine`, `events.actor` for one; or one of yours: then the streams among its
 * children, and theirs. Also those that come later.
 * @throws {TypeError} that says what is wrong.
 */
export function watchHealth(actor: AnyActorRef, { stalledAfter }: HealthOptions = {}): Health {
  if (stalledAfter !== undefined && !(stalledAfter > 0)) {
    throw new TypeError(`stalledAfter must be milliseconds, more than 0, not ${String(stalledAfter)}.`);
  }
  let failed = 0;
  const streams = observeStreams(actor, {
    tell(_, { type }) {
      if (type === 'failed') failed += 1;
    },
  });

  return {
    check() {
      const records = [...streams.running()];
      const waiting = streams.waiting();
      const stalled = new Set(records.filter((record) => isStalled(record, stalledAfter)));
      const isStarting = (record: StreamRecord) =>
        !record.hasProgressed && record.state !== 'paused' && !stalled.has(record);
      return {
        isAlive: property(actor.getSnapshot(), 'status') === 'active',
        isReady: waiting === 0 && !records.some(isStarting) && !isNobodyServed(records),
        stalled: Array.from(stalled, describe).sort((one, other) => other.sinceProgress - one.sinceProgress),
        streams: { ...countStates(records), waiting },
        failed,
      };
    },
    stop: () => streams.stop(),
  };
}

const manyAttempts = 10;
const slack = 60_000;

function isStalled(record: StreamRecord, stalledAfter: number | undefined): boolean {
  if (record.state === 'paused') return false;
  const { servers, serverIndex, attempt } = record.snapshot.context;
  if (attempt >= manyAttempts) return true;
  const retryTimeout = clampRetryTimeout(servers[serverIndex % servers.length]?.retryTimeout);
  return performance.now() - record.progressAt > (stalledAfter ?? retryTimeout + slack);
}

/** Whether there are streams, and none has come to its first page: all of them being stalled is not to be ready. */
function isNobodyServed(records: readonly StreamRecord[]): boolean {
  return records.length > 0 && !records.some((record) => record.hasProgressed || record.state === 'paused');
}

function describe({ userId, state, snapshot, progressAt }: StreamRecord): StalledStream {
  const sinceProgress = Math.round(performance.now() - progressAt);
  return { userId, state, attempt: snapshot.context.attempt, sinceProgress };
}

function countStates(records: readonly StreamRecord[]): Record<StreamState, number> {
  const counts: Record<StreamState, number> = {
    ...{ fetchingServers: 0, polling: 0, fetchingEvents: 0, delivering: 0 },
    ...{ backingOff: 0, paused: 0, stopped: 0 },
  };
  for (const { state } of records) counts[state] += 1;
  return counts;
}
