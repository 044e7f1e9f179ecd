import type { Fault } from '../../src/simulator/index.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { Aim } from './mortal.ts';

/** What a life is like: how much happens right before it, what goes wrong in it, and when it ends. */
export interface Fate {
  readonly work: number;
  readonly faults: readonly Fault[];
  readonly aim: Aim;
}

/** Draws the fate of the n-th life. The kinds of ends take turns, so that each has its share. */
export function drawFate(life: number, random: Random): Fate {
  const drawEnd = ends[life % ends.length] ?? anytime;
  const { aim, faults, work = random.integer(1, 20) } = drawEnd(random);
  return {
    // Now and then so much that a transaction takes its time.
    work: random.next() < 0.1 ? work + 300 : work,
    faults: [random.pick(pageFaults), ...(faults ?? drawTrouble(random))],
    aim,
  };
}

type DrawEnd = (random: Random) => Partial<Fate> & { aim: Aim };

const anytime: DrawEnd = (random) => ({ aim: { after: random.integer(0, 600) } });

// The first statements make the tables and load the position. An event takes one, or three.
const amongStatements: DrawEnd = (random) => {
  const statement = Math.ceil(2 ** (random.next() * 8));
  return { aim: { statement: 6 + statement }, work: 1 + Math.ceil(statement / 2), faults: [] };
};

const withPageInHand: DrawEnd = (random) => ({
  aim: { request: 'events', answered: true, after: random.integer(0, 20) },
});

const whileAsking: DrawEnd = (random) => ({
  aim: { request: random.pick(['servers', 'events']), answered: false, after: random.integer(0, 30) },
  faults: [{ what: 'latency', on: ['servers', 'events'], milliseconds: 30 }],
});

const whilePolling: DrawEnd = (random) => ({
  aim: { request: 'poll', answered: false, after: random.integer(0, 30) },
});

const ends = [anytime, amongStatements, withPageInHand, amongStatements, whileAsking, whilePolling];

function drawTrouble(random: Random): readonly Fault[] {
  return random.next() < 0.4 ? [random.pick(networkFaults)] : [];
}

/** What comes of an event here comes again, later, or in disorder; nothing is lost. */
const pageFaults: readonly [Fault, ...Fault[]] = [
  { what: 'repeatTail', count: 30 },
  { what: 'repeatOld', count: 30 },
  { what: 'reorder' },
  { what: 'holdBack' },
  { what: 'shortPage', count: 4 },
  { what: 'duplicatesOnly', every: 2 },
];

const networkFaults: readonly [Fault, ...Fault[]] = [
  { what: 'status', status: 503, probability: 0.3 },
  { what: 'status', status: 429, retryAfter: 1, probability: 0.2 },
  { what: 'reset', probability: 0.3 },
  { what: 'resetInBody', on: ['servers', 'events'], probability: 0.3 },
  { what: 'resetInChunks', on: ['servers', 'events'], probability: 0.3 },
  { what: 'silenceInBody', on: 'events', probability: 0.3 },
  { what: 'cut', probability: 0.3 },
  { what: 'html', probability: 0.3 },
  { what: 'latency', milliseconds: 40 },
  { what: 'deadPoll' },
  { what: 'deadServer' },
  { what: 'reconnect' },
  { what: 'maxRetries' },
  { what: 'newChange' },
  { what: 'unknownChannel', probability: 0.5 },
];
