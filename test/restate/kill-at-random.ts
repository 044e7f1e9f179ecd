import { setTimeout as sleep } from 'node:timers/promises';

/** What can be killed and started again. */
export interface Victim {
  readonly isRunning: boolean;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface KillingOptions {
  /** For how long, in milliseconds. */
  readonly milliseconds: number;
  readonly random: () => number;
  readonly say: (what: string) => void;
}

/**
 * Kills one after the other, and starts each again a moment later, when others may be gone, too.
 *
 * @returns who was killed, in order, once everybody runs again.
 */
export async function killAtRandom(
  victims: Readonly<Record<string, Victim>>,
  { milliseconds, random, say }: KillingOptions,
): Promise<string[]> {
  const end = performance.now() + milliseconds;
  const killed: string[] = [];
  const returns: Promise<void>[] = [];
  while (performance.now() < end) {
    await sleep(200 + 1_800 * random());
    const running = Object.entries(victims).filter(([, { isRunning }]) => isRunning);
    const [name, victim] = running[Math.floor(random() * running.length)] ?? [];
    if (!name || !victim) continue;
    await victim.kill();
    killed.push(name);
    const away = 2_000 * random();
    say(`The ${name} is killed, for ${(away / 1_000).toFixed(1)} s.`);
    // One that is killed while it starts is started again.
    returns.push(sleep(away).then(() => victim.start().catch(() => {})));
  }
  await Promise.all(returns);
  return killed;
}
