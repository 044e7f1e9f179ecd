import { join } from 'node:path';
import { boxEventsFor, clientCredentials } from '../../src/index.ts';
import { observeMetrics } from '../../src/metrics/index.ts';
import { logStreams, watchHealth } from '../../src/operations/index.ts';
import { sqlitePositions } from '../../src/positions/index.ts';
import { createMeter } from '../support/metrics.ts';
import type { SoakBox } from './box.ts';
import { createLedger } from './ledger.ts';

/** Follows all users of a simulated Box in this process, as an application does: positions kept, measured, watched, logged. */
export function followAll(
  box: SoakBox,
  { folder, startsPerSecond }: { folder: string; startsPerSecond: number },
) {
  const { apiUrl, ...app } = box.follow;
  const users = new Map(box.userIds.map((userId, index) => [userId, index]));
  const ledger = createLedger(users.size);
  const positions = sqlitePositions(join(folder, 'positions.db'));
  const leaving = new Set<string>();
  const failed: unknown[] = [];
  const entries = { info: 0, warn: 0, error: 0 };
  const meter = createMeter();

  const events = boxEventsFor({
    users: box.userIds.map((userId) => ({ userId, streamPosition: '0' })),
    ...{ token: clientCredentials(app), asUser: true, apiUrl, positions, startsPerSecond },
    // Small, so that the windows are full early: what grows afterwards is a leak.
    recentSize: 10,
    onFailed: ({ error }) => failed.push(error),
  });
  observeMetrics(events.actor, meter);
  logStreams(events.actor, ({ level }) => {
    entries[level] += 1;
  });
  const health = watchHealth(events.actor);

  // Who leaves comes back as soon as they have left.
  events.actor.on('stopped', ({ userId }) => {
    if (!leaving.delete(userId)) return;
    ledger.beginAnew(users.get(userId) ?? -1);
    events.follow({ userId, streamPosition: '0' }).catch((error: unknown) => failed.push(error));
  });

  const follow = async () => {
    for await (const { userId, event } of events) {
      const [user, number] = String(event.event_id).split('-').map(Number);
      if (user !== users.get(userId)) failed.push(new Error(`${userId} got an event of somebody else.`));
      ledger.take(user ?? -1, number ?? -1);
    }
    await positions.close();
  };

  return {
    ledger,
    failed,
    entries,
    meter,
    health,
    /** Ends when it is told to, or with what went wrong. */
    ended: follow(),
    /** So many users leave, and come back. */
    churn(count: number) {
      for (let done = 0; done < count; done += 1) {
        const { following } = events.actor.getSnapshot().context;
        const userId = following[Math.floor(Math.random() * following.length)];
        if (userId === undefined || leaving.has(userId)) continue;
        leaving.add(userId);
        events.unfollow(userId);
      }
    },
    /** How often it was tried again, by request and kind of failure. */
    async retries(): Promise<Record<string, number>> {
      const kinds = await meter.attributesOf('box_events.retries');
      const counted = kinds.map(async (kind) => {
        const count = await meter.read('box_events.retries', kind);
        return [Object.values(kind).join(' '), count] as const;
      });
      return Object.fromEntries(await Promise.all(counted));
    },
    stop: () => events.actor.send({ type: 'stop' }),
  };
}
