import { handlers, type ObjectContext, type ObjectSharedContext, object } from '@restatedev/restate-sdk';
import type { UserDelivery } from 'box-events/restate';

/** What a user's ledger holds. */
export interface Ledger {
  /** The ids of the events, in the order in which they were taken. */
  readonly ids: readonly string[];
  /** Events that came again, and were not taken. */
  readonly repeated: number;
}

/**
 * A service of one's own that takes pages, an object for each user. Restate hands it each page that was sent to it once, and it takes
 * each event once, whatever Box repeats. A ledger that grows would keep its entries in a database, and here a window of recent ids.
 */
export const ledger = object({
  name: 'ledger',
  handlers: {
    take: async (ctx: ObjectContext, { events }: UserDelivery): Promise<void> => {
      const { ids, repeated } = (await ctx.get<Ledger>('ledger')) ?? emptyLedger;
      const taken = new Set(ids);
      for (const { event_id } of events) if (event_id !== undefined) taken.add(event_id);
      const repeatedNow = ids.length + events.length - taken.size;
      ctx.set('ledger', { ids: [...taken], repeated: repeated + repeatedNow });
    },
    read: handlers.object.shared(
      async (ctx: ObjectSharedContext): Promise<Ledger> => (await ctx.get<Ledger>('ledger')) ?? emptyLedger,
    ),
  },
});

const emptyLedger: Ledger = { ids: [], repeated: 0 };
