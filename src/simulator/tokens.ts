import { randomBytes } from 'node:crypto';
import type { Account } from './account.ts';

/** The access tokens that were given, whose they are, and which of them still hold. */
export class Tokens {
  readonly #accounts = new Map<string, Account>();
  readonly #ended = new Set<string>();
  readonly #revoked = new Set<Account>();

  constructor(accounts: Iterable<Account>) {
    for (const account of accounts) this.#accounts.set(account.user.token, account);
  }

  /** Whose token it is, also when it no longer holds. */
  accountOf(token: string): Account | undefined {
    return this.#accounts.get(token);
  }

  holds(token: string): boolean {
    const account = this.#accounts.get(token);
    return account !== undefined && !this.#ended.has(token) && !this.#revoked.has(account);
  }

  /** A further token for an account; nothing when its access was revoked. */
  issue(account: Account): string | undefined {
    if (this.#revoked.has(account)) return undefined;
    const token = randomBytes(16).toString('hex');
    this.#accounts.set(token, account);
    return token;
  }

  expire(token: string): void {
    this.#ended.add(token);
  }

  revoke(account: Account): void {
    this.#revoked.add(account);
  }
}
