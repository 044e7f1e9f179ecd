/** What the simulated Box is like, and what happens in it. */
export interface BoxOptions {
  readonly users: number;
  readonly eventsPerSecond: number;
  /** How many times as fast as Box's its time goes. */
  readonly speed: number;
}

/** What the process of the simulated Box tells. */
export type FromBox =
  | {
      readonly type: 'ready';
      readonly follow: Record<'apiUrl' | 'tokenUrl' | 'clientId' | 'clientSecret' | 'enterpriseId', string>;
      readonly userIds: readonly string[];
    }
  /** Each second: how many events were published until now. */
  | { readonly type: 'count'; readonly published: number; readonly heldPolls: number }
  /** Nothing happens any more, and nothing goes wrong: how many events were published to each user, and what was seen. */
  | {
      readonly type: 'rest';
      readonly published: readonly number[];
      readonly requests: Readonly<Record<string, number>>;
      readonly faults: Readonly<Record<string, number>>;
    };
