import { randomBytes } from 'node:crypto';
import type { Account } from './account.ts';

interface Token {
  account: Account;
  /** When it ends by itself, in milliseconds of the simulator's clock. */
  until: number;
}

/** The access tokens that were given, whose they are, and which of them still hold. */
export class Tokens {
  readonly #now: () => number;
  readonly #tokens = new Map<string, Token>();
  readonly #revoked = new Set<Account>();

  constructor(accounts: Iterable<Account>, now: () => number) {
    this.#now = now;
    for (const account of accounts) {
      this.#tokens.set(account.user.token, { account, until: Number.POSITIVE_INFINITY });
    }
  }

  /** Whose token it is, also when it no longer holds. */
  accountOf(token: string): Account | undefined {
    return this.#tokens.get(token)?.account;
  }

  holds(token: string): boolean {
    const held = this.#tokens.get(token);
    return held !== undefined && this.#now() < held.until && !this.#revoked.has(held.account);
  }

  /** A further token for an account, for so many milliseconds; nothing when its access was revoked. */
  issue(account: Account, milliseconds = Number.POSITIVE_INFINITY): string | undefined {
    if (this.#revoked.has(account)) return undefined;
    const token = randomBytes(16).toString('hex');
    this.#tokens.set(token, { account, until: this.#now() + milliseconds });
    return token;
  }

  expire(token: string): void {
    const account = this.accountOf(token);
    if (account) this.#tokens.set(token, { account, until: 0 });
  }

  revoke(account: Account): void {
    this.#revoked.add(account);
  }
}
