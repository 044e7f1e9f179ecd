/**
 * The time of a simulated Box, in milliseconds. Every timer and every timestamp of the simulator goes through it. XState's
 * `SimulatedClock` is one, and {@link createClock} makes one, so that a test of five minutes takes none.
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

const longestTimer = 2 ** 31 - 1;

/** A clock whose timers can all be cleared at once; none is longer than a timer can be, for a longer one would end at once. */
export interface TrackedClock extends SimulatorClock {
  /** Clears every timer, and starts no further one. */
  stop(): void;
}

export function trackClock(clock: SimulatorClock): TrackedClock {
  const timers = new Set<unknown>();
  let isStopped = false;
  return {
    now: () => clock.now(),
    setTimeout: (callback, delay) => {
      if (isStopped) return undefined;
      const timer = clock.setTimeout(
        () => {
          timers.delete(timer);
          callback();
        },
        Math.min(delay, longestTimer),
      );
      timers.add(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      if (timers.delete(timer)) clock.clearTimeout(timer);
    },
    stop: () => {
      isStopped = true;
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
  };
}

/** A clock that stands still until it is moved by hand. */
export interface ManualClock extends SimulatorClock {
  /** Lets so many milliseconds pass: what is due in them is called back, in order, each at its own time. */
  advance(milliseconds: number): void;
}

/**
 * Creates a clock for a simulator, and for the streams that follow it: XState takes it, too (`createActor(machine, { clock })`).
 *
 * @param now Milliseconds since 1970; by default what the time is.
 */
export function createClock(now = Date.now()): ManualClock {
  const timers = new Map<number, { due: number; callback: () => void }>();
  let latest = 0;

  const nextUntil = (end: number) =>
    [...timers]
      .filter(([, { due }]) => due <= end)
      .sort(([one, a], [other, b]) => a.due - b.due || one - other)[0];

  return {
    now: () => now,
    setTimeout: (callback, delay) => {
      timers.set(++latest, { due: now + delay, callback });
      return latest;
    },
    clearTimeout: (timer) => {
      if (typeof timer === 'number') timers.delete(timer);
    },
    advance: (milliseconds) => {
      const end = now + milliseconds;
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        const [timer, { due, callback }] = next;
        timers.delete(timer);
        now = Math.max(now, due);
        callback();
      }
      now = end;
    },
  };
}
