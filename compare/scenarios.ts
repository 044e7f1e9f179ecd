import type { Fault, Publication, Scenario, SimulatorOptions } from '../src/simulator/index.ts';

/** A scenario, and what is remarkable about its Box. */
export interface Comparison {
  says: string;
  scenario: Scenario;
  box?: SimulatorOptions;
}

const everySecond: readonly Publication[] = [{ at: 200, every: 1_000 }];
const faulty = (
  says: string,
  faults: readonly Fault[],
  more: Partial<Scenario> & { box?: SimulatorOptions } = {},
): Comparison => {
  const { box, ...rest } = more;
  const scenario = { name: 'compare', says, lasts: 12_000, faults, publications: everySecond, ...rest };
  return { says, scenario, ...(box && { box }) };
};
const during = { from: 2_000, until: 8_000 };

/** What the clients are compared under: the scenarios of the simulator, shortened to seconds, for the SDKs know real time only. */
export const comparisons: readonly Comparison[] = [
  faulty('nothing goes wrong', [], { lasts: 6_000 }),
  faulty('positions are bare numbers, as Box documents them', [], {
    lasts: 6_000,
    box: { positionType: 'number' },
  }),
  faulty('the API answers 503 for 6 s', [{ what: 'status', on: ['servers', 'events'], ...during }]),
  faulty('the API answers 429, `Retry-After: 4`', [
    { what: 'status', on: ['servers', 'events'], status: 429, retryAfter: 4, from: 2_000, until: 4_000 },
  ]),
  faulty('the API resets every connection for 6 s', [
    { what: 'reset', on: ['servers', 'events'], ...during },
  ]),
  faulty('the realtime servers answer 503 for 6 s', [{ what: 'status', on: 'poll', ...during }]),
  faulty('the realtime servers are closed for 3 s', [
    { what: 'refuse', on: 'poll', from: 2_000, until: 5_000 },
  ]),
  faulty('the realtime servers move to another port', [{ what: 'move', from: 2_000, until: 3_000 }]),
  faulty('the first realtime server of each list is dead', [{ what: 'deadServer' }]),
  faulty('a held poll goes dead (`retry_timeout` 5 s)', [{ what: 'deadPoll', until: 6_000 }], {
    lasts: 12_000,
    box: { retryTimeout: 5 },
  }),
  faulty('`reconnect` at once, for 6 s', [{ what: 'reconnect', ...during }]),
  faulty('`new_change` at once, without one, for 6 s', [{ what: 'newChange', ...during }], {
    publications: [{ at: 200 }, { at: 2_500 }, { at: 9_000 }],
  }),
  faulty('`max_retries` before its time, for 6 s', [{ what: 'maxRetries', ...during }]),
  faulty('an unknown message, for 6 s', [{ what: 'unknownMessage', ...during }]),
  faulty('somebody else answers with HTML, for 6 s', [{ what: 'html', ...during }]),
  faulty('answers cut in the middle of their body, one in three', [{ what: 'resetInBody', every: 3 }]),
  faulty('pages repeat old events', [{ what: 'repeatOld', count: 3 }]),
  faulty('every request is redirected to another host, for 6 s', [{ what: 'redirect', ...during }]),
];
