import { EventLog } from './event-log.ts';
import { Office } from './office.ts';
import type { Random } from './random.ts';
import type { SimulatorUser } from './users.ts';

interface AccountOptions {
  random: Random;
  now: () => number;
}

/** What Box knows of one user: who it is, what happened, and what there is (made up when it is first asked for). */
export class Account {
  readonly user: SimulatorUser;
  readonly log: EventLog;
  readonly #options: AccountOptions;
  #office: Office | undefined;

  constructor(user: SimulatorUser, options: AccountOptions) {
    this.user = user;
    this.log = new EventLog(options.now(), options.random);
    this.#options = options;
  }

  get office(): Office {
    this.#office ??= new Office({ owner: this.user, ...this.#options });
    return this.#office;
  }
}
