import { randomBytes } from 'node:crypto';
import type { Account } from './account.ts';

/** Keys that stand for an account, each for a time and for one use: authorization codes, refresh tokens. */
export class SingleUseKeys {
  readonly #keys = new Map<string, { account: Account; until: number }>();
  readonly #milliseconds: number;
  readonly #now: () => number;

  constructor(milliseconds: number, now: () => number) {
    this.#milliseconds = milliseconds;
    this.#now = now;
  }

  give(account: Account): string {
    const key = randomBytes(32).toString('base64url');
    this.#keys.set(key, { account, until: this.#now() + this.#milliseconds });
    return key;
  }

  /** Whose it is, as long as it is unused. */
  accountOf(key: string): Account | undefined {
    return this.#keys.get(key)?.account;
  }

  /** Uses it up: whose it was, if it still held. */
  use(key: string): Account | undefined {
    const given = this.#keys.get(key);
    this.#keys.delete(key);
    return given && this.#now() < given.until ? given.account : undefined;
  }
}
