export { type BoxEventsOnRestateOptions, boxEventsOnRestate } from './box-events-on-restate.ts';
export type { Deliver, UserDelivery } from './durable-machine.ts';
export type { FailureDetails } from './failure.ts';
export type { BoxEventsHandlers, StreamStart } from './stream-handlers.ts';
export type { StreamSnapshot } from './stream-snapshot.ts';
