import { and, fromPromise, not, setup } from 'xstate';

/** A state within a state: a traffic light, whose red has a pedestrian light. */
const trafficLight = setup({
  delays: { patience: 5_000 },
}).createMachine({
  id: 'trafficLight',
  description: 'Lets cars and people pass in turn.',
  initial: 'green',
  on: { breakDown: { target: '.broken' } },
  states: {
    green: { after: { 30000: 'yellow' }, on: { pressed: { target: 'yellow' } } },
    yellow: { after: { patience: 'red' } },
    red: {
      initial: 'walk',
      onDone: 'green',
      states: { walk: { after: { 1000: 'wait' } }, wait: { on: { last: 'over' } }, over: { type: 'final' } },
    },
    broken: { description: 'Blinks, and waits for somebody with a ladder & "tools" <of iron>.' },
  },
});

/** Regions at the same time: the marks of a text, and its list. */
const wordProcessor = setup({}).createMachine({
  id: 'wordProcessor',
  type: 'parallel',
  states: {
    bold: {
      initial: 'off',
      states: { on: { on: { toggleBold: 'off' } }, off: { on: { toggleBold: 'on' } } },
    },
    list: {
      initial: 'none',
      states: {
        none: { on: { bullets: 'bullets' } },
        bullets: { on: { clear: '#wordProcessor.list.none' } },
      },
    },
  },
});

/** A state that remembers: a payment goes on with the method that was chosen before. */
const payment = setup({}).createMachine({
  id: 'payment',
  initial: 'method',
  states: {
    method: {
      initial: 'cash',
      on: { next: 'review' },
      states: {
        cash: { on: { switch: 'check' } },
        check: {
          initial: 'short',
          on: { switch: 'cash' },
          states: { short: { on: { more: 'long' } }, long: {} },
        },
        latest: { type: 'history', target: 'cash' },
        exactly: { type: 'history', history: 'deep' },
      },
    },
    review: { on: { previous: 'method.latest', undo: 'method.exactly' } },
  },
});

/** Conditions without an event, and one event that leads to several places: a glass of water. */
const glass = setup({
  types: { context: {} as { level: number } },
  actors: { pour: fromPromise(async () => 1), clean: fromPromise(async () => {}) },
  actions: { spill: () => {} },
  guards: { isFull: ({ context }) => context.level > 9, isClean: () => true },
}).createMachine({
  id: 'glass',
  context: { level: 0 },
  initial: 'filling',
  states: {
    filling: {
      invoke: [
        { src: 'pour', id: 'pouring', onDone: 'checked', onError: { actions: 'spill' } },
        { src: 'clean', id: 'cleaning', onError: 'broken' },
      ],
      always: { guard: 'isFull', target: 'full' },
      on: { again: { target: 'filling', reenter: true }, wait: {} },
    },
    checked: {
      always: [{ guard: and(['isFull', not('isClean')]), target: 'broken' }, { target: 'filling' }],
    },
    full: { type: 'final' },
    broken: { entry: () => {}, on: { '*': { guard: () => true, actions: () => {} } } },
  },
});

/** Charts of every kind that XState knows. */
export const sampleMachines = { trafficLight, wordProcessor, payment, glass };
