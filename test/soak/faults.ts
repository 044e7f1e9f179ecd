import type { Fault } from '../../src/simulator/index.ts';

/** Minutes of Box after which everything that goes wrong goes wrong again. */
export const cycle = 10;

/** What goes wrong in the course of a cycle; times are seconds of Box. */
interface Trouble {
  readonly from: number;
  readonly until: number;
  readonly fault: Fault;
}

const troubles: readonly Trouble[] = [
  { from: 60, until: 80, fault: { what: 'status', on: ['servers', 'events'], status: 503 } },
  { from: 120, until: 121, fault: { what: 'expireToken', nth: 1 } },
  { from: 150, until: 170, fault: { what: 'status', on: 'events', status: 429, retryAfter: 2, every: 2 } },
  { from: 200, until: 203, fault: { what: 'refuse', on: 'poll' } },
  { from: 240, until: 300, fault: { what: 'reset', probability: 0.03 } },
  { from: 240, until: 300, fault: { what: 'resetInBody', probability: 0.03 } },
  { from: 330, until: 345, fault: { what: 'reconnect', probability: 0.5 } },
  { from: 380, until: 400, fault: { what: 'html', on: 'poll', probability: 0.5 } },
  { from: 430, until: 460, fault: { what: 'deadServer' } },
  { from: 480, until: 540, fault: { what: 'repeatTail', every: 2 } },
  { from: 550, until: 570, fault: { what: 'latency', milliseconds: 300, probability: 0.3 } },
];

/** A held poll that goes dead is given up after Box's `retry_timeout` only, which is longer than a cycle: for the shortened hour alone. */
const deadPolls: Trouble = { from: 405, until: 420, fault: { what: 'deadPoll' } };

/** The faults of a cycle, as a simulator takes them, when Box's time goes so many times as fast. */
export function faultsOfCycle(speed: number): Fault[] {
  return [...troubles, ...(speed > 2 ? [deadPolls] : [])].map(({ from, until, fault }) => ({
    ...fault,
    from: (from * 1_000) / speed,
    until: (until * 1_000) / speed,
  }));
}
