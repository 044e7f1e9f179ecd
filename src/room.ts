/** A room for so many at once, into which they come in the order in which they ask; who left in vain, into one half of it only. */
export interface Room {
  /** Resolves once there is a place, and who is in has left. Rejects with the signal's reason when that aborts before. */
  enter(name: string, signal: AbortSignal): Promise<void>;
  /** Leaves, if it is in, and waits behind all others if it is to come in again. */
  leave(name: string): void;
  /** Leaves for nothing: a place of the other half is kept for others until it has left otherwise. */
  leaveInVain(name: string): void;
}

export function createRoom(places: number): Room {
  const inside = new Set<string>();
  const waiting = new Map<string, () => void>();
  const unlucky = new Set<string>();
  const unluckyInside = new Set<string>();
  const placesOfUnlucky = Math.max(1, Math.floor(places / 2));

  const fits = (name: string) =>
    !inside.has(name) && !(unlucky.has(name) && unluckyInside.size >= placesOfUnlucky);

  const callNext = () => {
    for (const [name, come] of waiting) {
      if (inside.size >= places) return;
      if (!fits(name)) continue;
      waiting.delete(name);
      inside.add(name);
      if (unlucky.has(name)) unluckyInside.add(name);
      come();
    }
  };

  const goOut = (name: string) => {
    if (!inside.delete(name)) return;
    unluckyInside.delete(name);
    const come = waiting.get(name);
    if (come && waiting.delete(name)) waiting.set(name, come);
    callNext();
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
      unlucky.delete(name);
      goOut(name);
    },
    leaveInVain(name) {
      unlucky.add(name);
      goOut(name);
    },
  };
}
