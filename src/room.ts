/** A room for so many at once, into which they come in the order in which they ask. */
export interface Room {
  /** Resolves once there is a place, and who is in has left. Rejects with the signal's reason when that aborts before. */
  enter(name: string, signal: AbortSignal): Promise<void>;
  /** Leaves, if it is in, and waits behind all others if it is to come in again. */
  leave(name: string): void;
}

export function createRoom(places: number): Room {
  const inside = new Set<string>();
  const waiting = new Map<string, () => void>();

  const callNext = () => {
    for (const [name, come] of waiting) {
      if (inside.size >= places) return;
      if (inside.has(name)) continue;
      waiting.delete(name);
      inside.add(name);
      come();
    }
  };

  return {
    async enter(name, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = () => {
        waiting.delete(name);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.set(name, resolve);
      callNext();
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
    },
    leave(name) {
      if (!inside.delete(name)) return;
      const come = waiting.get(name);
      if (come && waiting.delete(name)) waiting.set(name, come);
      callNext();
    },
  };
}
