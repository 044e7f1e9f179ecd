import type { Scenario } from './scenario.ts';

const second = 1_000;
const minute = 60 * second;

/** What happens to those who follow Box for long enough, each as a {@link Scenario}. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'quiet-day',
    says: 'Nothing goes wrong, and now and then something happens.',
    lasts: 10 * minute,
    publications: [{ at: 30 * second, every: 2 * minute }],
  },
  {
    name: 'busy-day',
    says: 'Nothing goes wrong, and much happens at once.',
    lasts: minute,
    publications: [
      { at: 0, count: 700 },
      { at: second, count: 5, every: 200 },
    ],
  },
  {
    name: 'realtime-restart',
    says: 'The realtime servers restart, and everybody connects again.',
    lasts: 30 * second,
    faults: [{ what: 'refuse', on: 'poll', from: 5 * second, until: 8 * second }],
  },
  {
    name: 'realtime-moves',
    says: 'The realtime servers move to other ports.',
    lasts: 30 * second,
    faults: [{ what: 'move', from: 5 * second, until: 7 * second }],
  },
  {
    name: 'realtime-down',
    says: 'Every realtime server answers 503 for two minutes; the API is well.',
    lasts: 3 * minute,
    faults: [{ what: 'status', on: 'poll', status: 503, from: 5 * second, until: 125 * second }],
  },
  {
    name: 'one-server-dead',
    says: 'The first realtime server of each list is dead.',
    lasts: minute,
    faults: [{ what: 'deadServer' }],
  },
  {
    name: 'half-open',
    says: 'Polls that are held go dead without a word.',
    lasts: 25 * minute,
    faults: [{ what: 'deadPoll', until: minute }],
    publications: [{ at: 10 * second, every: 5 * minute }],
  },
  {
    name: 'api-down',
    says: 'The API is down for twenty seconds.',
    lasts: minute,
    faults: [
      { what: 'status', on: ['servers', 'events'], status: 503, from: 5 * second, until: 25 * second },
    ],
  },
  {
    name: 'api-unreachable',
    says: 'The port of the API is closed for twenty seconds.',
    lasts: minute,
    faults: [{ what: 'refuse', on: ['servers', 'events'], from: 5 * second, until: 25 * second }],
  },
  {
    name: 'rate-limit',
    says: 'The API answers 429 and asks to stay away for thirty seconds.',
    lasts: 2 * minute,
    faults: [
      {
        what: 'status',
        on: ['servers', 'events'],
        status: 429,
        retryAfter: 30,
        from: 5 * second,
        until: 35 * second,
      },
    ],
  },
  {
    name: 'hotel',
    says: 'Somebody else answers for a minute: 200 and a page of HTML.',
    lasts: 2 * minute,
    faults: [{ what: 'html', from: 5 * second, until: 65 * second }],
  },
  {
    name: 'false-alarm',
    says: 'The realtime servers announce changes all the time, and there are none.',
    lasts: 2 * minute,
    faults: [{ what: 'newChange', from: 5 * second, until: 95 * second }],
    publications: [{ at: 0, every: 20 * second }],
  },
  {
    name: 'restless',
    says: 'The realtime servers answer `reconnect` at once, again and again.',
    lasts: 2 * minute,
    faults: [{ what: 'reconnect', from: 5 * second, until: 95 * second }],
    publications: [{ at: 0, every: 20 * second }],
  },
  {
    name: 'flaky-network',
    says: 'One request in five is reset, in the middle of its body or before.',
    lasts: 2 * minute,
    faults: [
      { what: 'reset', probability: 0.1 },
      { what: 'resetInBody', probability: 0.1 },
    ],
  },
  {
    name: 'untidy-pages',
    says: 'Pages repeat events, hold some back and are shorter than asked for.',
    lasts: minute,
    faults: [
      { what: 'repeatTail', every: 2 },
      { what: 'holdBack', every: 3 },
      { what: 'repeatOld', every: 5 },
    ],
  },
  {
    name: 'redirected',
    says: 'A proxy redirects every request to another host for half a minute.',
    lasts: minute,
    faults: [{ what: 'redirect', from: 5 * second, until: 35 * second }],
  },
];
