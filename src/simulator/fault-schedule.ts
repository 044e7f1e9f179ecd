import { checkFault } from './check-fault.ts';
import type { SimulatorClock } from './clock.ts';
import { type Fault, kindsOf } from './fault.ts';
import type { Random } from './random.ts';
import type { SimulatorRequest } from './requests.ts';

interface SetFault {
  fault: Fault;
  /** When it was set, in milliseconds of the simulator's clock. */
  since: number;
  /** How many requests it could have happened to. */
  seen: number;
}

/** The faults that are set, and to which request each of them happens. */
export class FaultSchedule {
  readonly #clock: SimulatorClock;
  readonly #random: Random;
  #faults: SetFault[] = [];

  constructor(clock: SimulatorClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Sets a fault from now on. Returns what lifts it. */
  set(fault: Fault): () => void {
    const set = { fault: checkFault(fault), since: this.#clock.now(), seen: 0 };
    this.#faults.push(set);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== set);
    };
  }

  /** The faults that happen to a request, in the order in which they were set. A request is counted once, when it comes. */
  take(request: SimulatorRequest): Fault[] {
    return this.#faults
      .filter((set) => this.#isMeant(set, request) && this.#isDue(set))
      .map(({ fault }) => fault);
  }

  /** Whether a fault without a count happens to a request at this moment, also if it came before the fault was set. */
  isUnder(what: Fault['what'], request: SimulatorRequest): boolean {
    return this.#faults.some(
      (set) =>
        set.fault.what === what && !isCounted(set.fault) && this.#isMeant(set, request) && this.#isNow(set),
    );
  }

  #isMeant({ fault }: SetFault, { kind, userId, server }: SimulatorRequest): boolean {
    return (
      kindsOf(fault).includes(kind) &&
      (fault.userId ?? userId) === userId &&
      (fault.server ?? server) === server
    );
  }

  #isDue(set: SetFault): boolean {
    if (!this.#isNow(set)) return false;
    const { nth, every, probability } = set.fault;
    set.seen += 1;
    if (nth !== undefined && set.seen !== nth) return false;
    if (every !== undefined && set.seen % every !== 0) return false;
    return probability === undefined || this.#random.next() < probability;
  }

  #isNow({ fault: { from = 0, until = Number.POSITIVE_INFINITY }, since }: SetFault): boolean {
    const elapsed = this.#clock.now() - since;
    return elapsed >= from && elapsed < until;
  }
}

/** Whether a fault happens to some of the requests only. */
export function isCounted({ nth, every, probability }: Fault): boolean {
  return nth !== undefined || every !== undefined || probability !== undefined;
}
