export { BoxError, type BoxRequest } from '../machines/box-error.ts';
export type { BoxEvent, BoxSource, BoxUser, KnownEventType } from '../machines/box-event.ts';
export {
  type BoxEventsCommand,
  type BoxEventsContext,
  type BoxEventsEmitted,
  type BoxEventsOutput,
  boxEventsMachine,
  type Delivery,
  type RealtimeAnswer,
} from '../machines/box-events.machine.ts';
export { resumeFrom } from '../machines/resume-from.ts';
export type { StreamInput, StreamType } from '../machines/stream-input.ts';
export { type BoxEvents, type BoxEventsOptions, boxEvents } from './box-events.ts';
export { type BoxEventsServices, createServices, type ServicesOptions } from './services.ts';
export type { Token, TokenRequest } from './token.ts';
export type { Fetch } from './transport/fetch.ts';
