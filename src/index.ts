export { BoxError, type BoxErrorDetails, type BoxRequest } from '../machines/box-error.ts';
export type { BoxEvent, BoxSource, BoxUser, KnownEventType } from '../machines/box-event.ts';
export {
  type BoxEventsCommand,
  type BoxEventsContext,
  type BoxEventsEmitted,
  type BoxEventsOutput,
  boxEventsMachine,
  type Delivery,
  type EventsInput,
  type LongPollInput,
  type RealtimeAnswer,
  type ServersInput,
} from '../machines/box-events.machine.ts';
export {
  type BoxUsersCommand,
  type BoxUsersContext,
  type BoxUsersEmitted,
  type BoxUsersOutput,
  boxUsersMachine,
  type UserPosition,
} from '../machines/box-users.machine.ts';
export type { EventsAnswer, Page } from '../machines/page.ts';
export type { RealtimeServer } from '../machines/realtime-server.ts';
export { resumeFrom } from '../machines/resume-from.ts';
export type { CheckedInput, StreamInput, StreamType } from '../machines/stream-input.ts';
export {
  createUserStreams,
  type StreamEnd,
  type StreamReport,
  type StreamsCommand,
  type StreamsEvent,
  type UserStreamsOptions,
} from '../machines/user-streams.ts';
export type { CheckedUsers, UsersInput, UserToFollow } from '../machines/users-input.ts';
export { type BoxEvents, type BoxEventsOptions, boxEvents, type SharedServices } from './box-events.ts';
export {
  type BoxEventsFor,
  boxEventsFor,
  type UserDelivery,
  type UserEvent,
} from './box-events-for.ts';
export type { BoxEventsForOptions, UserFailure } from './box-events-for-options.ts';
export { type ClientCredentialsOptions, clientCredentials } from './client-credentials.ts';
export { type FollowFromOptions, followFrom } from './follow-from.ts';
export type { Positions } from './positions/positions.ts';
export type { SaveFailure, SavingOptions } from './positions/saver.ts';
export { type BoxEventsServices, createServices, type ServicesOptions } from './services.ts';
export type { Token, TokenRequest } from './token.ts';
export { type SdkAuth, type SdkToken, tokenFrom } from './token-from.ts';
export type { Fetch } from './transport/fetch.ts';
export type { UserOrId } from './users-to-follow.ts';
