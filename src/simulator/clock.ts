/**
 * The time of a simulated Box, in milliseconds. Every timer and every timestamp of the simulator goes through it. XState's
 * `SimulatedClock` is one, so that a test of five minutes takes none.
 */
export interface SimulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after `delay` milliseconds. Returns what `clearTimeout` takes. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Does not call back after all. */
  clearTimeout(timer: unknown): void;
}

/** Real time. */
export const systemClock: SimulatorClock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
};
