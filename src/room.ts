/** A room for so many at once, into which they come in the order in which they ask. */
export interface Room {
  /** Resolves once there is a place. Rejects with the signal's reason when that aborts before. */
  enter(name: string, signal: AbortSignal): Promise<void>;
  /** Leaves, if it is in. */
  leave(name: string): void;
}

export function createRoom(places: number): Room {
  const inside = new Set<string>();
  const waiting = new Map<string, () => void>();

  const callNext = () => {
    for (const [name, come] of waiting) {
      if (inside.size >= places) return;
      waiting.delete(name);
      inside.add(name);
      come();
    }
  };

  return {
    async enter(name, signal) {
      signal.throwIfAborted();
      if (inside.has(name)) return;
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
      if (inside.delete(name)) callNext();
    },
  };
}
