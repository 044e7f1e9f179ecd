// What the code blocks of README and docs take for granted: the reader's own program.
declare const token: string;
declare const options: import('box-events').BoxEventsOptions;
declare const auth: import('box-node-sdk').BoxJwtAuth;
declare const saved: string;
declare const box: import('box-events/simulator').Simulator;
declare const database: { transaction<T>(work: (tx: object) => Promise<T>): Promise<T> };
declare function load(): Promise<string | undefined>;
declare function save(streamPosition: string): Promise<void>;
declare function renew(): Promise<string>;
declare function handle(event: import('box-events').BoxEvent, userId?: string): Promise<void>;
declare function apply(tx: object, event: import('box-events').BoxEvent): Promise<void>;
declare function savePosition(tx: object, streamPosition: string): Promise<void>;
declare function store(
  userId: string | undefined,
  events: readonly import('box-events').BoxEvent[],
  streamPosition: string,
): Promise<void>;
declare const clientId: string;
declare const clientSecret: string;
declare const userId: string;
declare const enterpriseId: string;
declare const tokenStorage: import('box-node-sdk/box').TokenStorage;
declare const events: import('box-events').BoxEventsFor;
declare const optionsFor: import('box-events').BoxEventsForOptions;
declare function handlePage(page: import('box-events').UserDelivery): Promise<void>;
declare const logger: Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;
declare const queue: { send(page: object, options: { deduplicationId: string }): Promise<void> };
declare const deliver: import('box-events/restate').Deliver;
declare const chartOfBefore: import('xstate').AnyStateMachine;
declare const ledger: import('@restatedev/restate-sdk').VirtualObjectDefinition<
  string,
  {
    take: (
      ctx: import('@restatedev/restate-sdk').ObjectContext,
      page: import('box-events/restate').UserDelivery,
    ) => Promise<void>;
  }
>;
