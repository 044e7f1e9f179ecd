import type { SimulatorApplication } from './application.ts';
import type { SimulatorClock } from './clock.ts';
import type { Intercept } from './host.ts';
import type { Simulator } from './simulator.ts';
import type { SimulatorUser } from './users.ts';

/** What the simulated Box is like. */
export interface SimulatorOptions {
  /** Where the API listens on 127.0.0.1; 0 is any free port. @default 0 */
  port?: number;
  /** Who has an account, or how many people to make up. @default 1 */
  users?: readonly SimulatorUser[] | number;
  /** A token that acts for any user through the header `as-user`. @default 'token-of-the-service-account' */
  serviceToken?: string;
  /** What of the app that may ask for tokens is not to be made up. */
  application?: Partial<Pick<SimulatorApplication, 'clientId' | 'clientSecret' | 'enterpriseId'>>;
  /** For how many seconds a token that was asked for holds. @default 3_600 */
  expiresIn?: number;
  /** How many realtime servers there are, each on a port of its own. @default 2 */
  realtimeServers?: number;
  /** How often a channel may be polled again, as the list of servers says. @default 10 */
  maxRetries?: number;
  /** After how many seconds of silence a client shall poll again, as the list of servers says. @default 610 */
  retryTimeout?: number;
  /** How many milliseconds a poll is held before it is answered `reconnect`. @default 300_000 */
  reconnectAfter?: number;
  /**
   * How `next_stream_position` is written: Box does both. As a number it is beyond 2^53, and a client that reads it with
   * `JSON.parse` loses its last digits. @default 'number'
   */
  positionType?: 'number' | 'string';
  /** Whence what happens by chance. The same seed gives the same. @default 1 */
  seed?: number;
  /** Whence every timer and timestamp comes. @default real time */
  clock?: SimulatorClock;
  /** May answer in Box's place, see {@link Simulator.intercept}. */
  intercept?: Intercept;
}
