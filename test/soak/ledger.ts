/** What came of the events of many users, each of whom has theirs numbered from 1. */
export interface Ledger {
  /** The event of that number was delivered to a user. */
  take(user: number, number: number): void;
  /** The stream of a user began anew: what was delivered until now may be repeated, for the stream does not know of it. */
  beginAnew(user: number): void;
  /** How many events were delivered, each counted once. */
  readonly delivered: number;
  /** How many came again, other than those that may. */
  readonly duplicates: number;
  /** How many are missing of those that came before one that was delivered. */
  readonly gaps: number;
  /** How many are missing, when so many were published to each user. */
  missing(published: readonly number[]): number;
}

export function createLedger(users: number): Ledger {
  const accounts = Array.from({ length: users }, () => ({ upTo: 0, ahead: new Set<number>(), mayRepeat: 0 }));
  let delivered = 0;
  let duplicates = 0;

  return {
    take(user, number) {
      const account = accounts[user];
      if (!account || !Number.isSafeInteger(number) || number < 1) {
        throw new Error(`Nobody published event ${number} of user ${user}.`);
      }
      if (number <= account.upTo || account.ahead.has(number)) {
        if (number > account.mayRepeat) duplicates += 1;
        return;
      }
      delivered += 1;
      account.ahead.add(number);
      while (account.ahead.delete(account.upTo + 1)) account.upTo += 1;
    },
    beginAnew(user) {
      const account = accounts[user];
      if (account) account.mayRepeat = account.upTo;
    },
    get delivered() {
      return delivered;
    },
    get duplicates() {
      return duplicates;
    },
    get gaps() {
      return accounts.reduce((sum, { upTo, ahead }) => {
        const highest = Math.max(upTo, ...ahead);
        return sum + highest - upTo - ahead.size;
      }, 0);
    },
    missing: (published) =>
      accounts.reduce((sum, { upTo, ahead }, user) => sum + (published[user] ?? 0) - upTo - ahead.size, 0),
  };
}
