import type { Actor, SimulatedClock } from 'xstate';
import type { boxEventsMachine } from '../../machines/box-events.machine.ts';
import type { BoxEventsServices } from '../../src/services.ts';

/** What goes wrong with a request, by its kind. */
export const troubles = {
  servers: ['failure', 'busy'],
  poll: ['failure', 'busy', 'silence', 'newChange', 'reconnect', 'maxRetries'],
  events: ['failure', 'busy', 'repeatTail', 'onlyOld', 'empty', 'short'],
} as const;
export type Kind = keyof typeof troubles;
export type Trouble = (typeof troubles)[Kind][number];

/** How many events a page has at most. */
export const limit = 4;
/** For how many seconds a busy Box asks to stay away. */
export const busyFor = 20;

/** A Box in which a timeline can happen: one in memory for thousands of them, or the simulator. */
export interface World {
  readonly clock: SimulatedClock;
  readonly services: BoxEventsServices;
  /** The ids of all that was published, in order. */
  readonly ids: readonly string[];
  /** When each request came, of which kind it is, and whether it is neither answered nor aborted. */
  readonly requests: readonly { readonly kind: string; readonly at: number; readonly over: boolean }[];
  /** Requests that came before a busy Box had asked for them. */
  readonly early: number;
  /** What nobody may be told. */
  readonly keys: readonly string[];
  publish(count: number): void;
  /** The next requests of a kind meet with these troubles, one each. */
  trouble(kind: Kind, troubles: readonly Trouble[]): void;
  endTroubles(): void;
  /** A process that has just started may come at any time: what Box has asked for was asked of another. */
  forgive(): void;
  /** How many events have a position up to this one. */
  countUpTo(streamPosition: string): number;
  /** Resolves when the stream does nothing more until time passes or something happens. */
  rests(actor: Actor<typeof boxEventsMachine>): Promise<void>;
  stop(): Promise<void>;
}
