import type { Context } from '@restatedev/restate-sdk';
import type { BoxCcgAuth, BoxJwtAuth, BoxOAuth } from 'box-node-sdk';
import { expectTypeOf, test } from 'vitest';
import { createActor } from 'xstate';
import {
  type BoxError,
  type BoxEvent,
  type BoxEventsForOptions,
  type BoxEventsOptions,
  boxEvents,
  boxEventsFor,
  boxEventsMachine,
  clientCredentials,
  createServices,
  type Delivery,
  type FollowFromOptions,
  followFrom,
  type Positions,
  resumeFrom,
  type Token,
  tokenFrom,
} from '../src/index.ts';
import { boxEventsOnRestate, type StreamSnapshot } from '../src/restate/index.ts';

// What the compiler says of these is checked by `npm run check`.
test('options, events and errors have the types that the documentation gives them', () => {
  const options: BoxEventsOptions = { token: 'x', streamPosition: '0' };
  const events = boxEvents(options);
  expectTypeOf(events).toExtend<AsyncIterable<BoxEvent>>();
  expectTypeOf(events.pages()).toExtend<AsyncIterable<Delivery>>();
  expectTypeOf(events.streamPosition).toBeString();
  // @ts-expect-error A position is a string: a number would lose digits.
  const numbered: BoxEventsOptions = { token: 'x', streamPosition: 5 };
  // @ts-expect-error The enterprise's streams are not announced by long poll.
  const enterprise: BoxEventsOptions = { token: 'x', streamType: 'admin_logs' };
  // @ts-expect-error Somebody has to be asked: a token, or services to share.
  const nobody: BoxEventsOptions = { streamPosition: '0' };
  expectTypeOf([numbered, enterprise, nobody]).toBeArray();

  const known: BoxEvent = { type: 'event', event_type: 'ITEM_UPLOAD', created_by: null };
  const unknown: BoxEvent = { type: 'event', event_type: 'SOMETHING_NEW', extra: 1 };
  expectTypeOf(known.event_id).toEqualTypeOf<string | undefined>();
  expectTypeOf(unknown.extra).toBeUnknown();
});

test('a loop over many users says whose each event is, and asks who hears of failures', () => {
  const positions: Positions = { load: async () => null, save: async () => {} };
  const options: BoxEventsForOptions = {
    users: ['1'],
    token: 'x',
    asUser: true,
    positions,
    onFailed: () => {},
  };
  const events = boxEventsFor(options);
  expectTypeOf(events).toExtend<AsyncIterable<{ userId: string; event: BoxEvent }>>();
  expectTypeOf(events.pages()).toExtend<AsyncIterable<Delivery & { userId: string }>>();
  expectTypeOf(followFrom(positions, { token: 'x' })).resolves.toExtend<AsyncIterable<BoxEvent>>();
  // @ts-expect-error Somebody has to hear of a user who fails.
  const silent: BoxEventsForOptions = { users: ['1'], token: 'x', asUser: true };
  // @ts-expect-error A position is a string, also where it is kept.
  const numbered: Positions = { load: async () => 5, save: async () => {} };
  // @ts-expect-error The position to start from when none is kept is a string, too.
  const start: FollowFromOptions = { token: 'x', streamPosition: 5 };
  expectTypeOf([silent, numbered, start]).toBeArray();
});

test('the machine takes what createServices() and resumeFrom() give, and says what it emits', () => {
  const machine = boxEventsMachine.provide({
    actors: createServices({ token: ({ refused }) => refused ?? 'x' }),
  });
  const actor = createActor(machine, { input: resumeFrom(createActor(machine).getSnapshot()) });
  actor.on('retry', ({ error, attempt, delay }) => {
    expectTypeOf(error).toEqualTypeOf<BoxError>();
    expectTypeOf([attempt, delay]).toEqualTypeOf<number[]>();
  });
  // @ts-expect-error There is no such command.
  void (() => actor.send({ type: 'hurry' }));
  // @ts-expect-error There is no such event.
  void (() => actor.on('changed', () => {}));
});

test('a token is what clientCredentials() gives, and tokenFrom() an authentication object of the SDK', () => {
  expectTypeOf(clientCredentials).returns.toExtend<Token>();
  const tokens = (ccg: BoxCcgAuth, jwt: BoxJwtAuth, oauth: BoxOAuth) =>
    [ccg, jwt, oauth].map((auth) => tokenFrom(auth));
  expectTypeOf(tokens).returns.items.toExtend<Token>();
  // @ts-expect-error It has no secret.
  void (() => clientCredentials({ clientId: 'x' }));
});

test('the object on Restate is known to its clients by its handlers', () => {
  const boxEvents = boxEventsOnRestate({
    token: 'x',
    asUser: true,
    deliver: ({ userId, events }, ctx) => {
      expectTypeOf(userId).toBeString();
      expectTypeOf(events).toEqualTypeOf<readonly BoxEvent[]>();
      expectTypeOf(ctx).toEqualTypeOf<Context>();
    },
  });
  const client = (ctx: Context) => ctx.objectClient(boxEvents, '1');
  const created = (ctx: Context) => client(ctx).create({ input: { streamPosition: '0' } });
  expectTypeOf(created).returns.resolves.toEqualTypeOf<StreamSnapshot>();
  expectTypeOf(resumeFrom).toBeCallableWith({} as StreamSnapshot);
  // @ts-expect-error There is no such command.
  void ((ctx: Context) => client(ctx).send({ event: { type: 'hurry' } }));
  // @ts-expect-error Whom to follow is the key.
  void ((ctx: Context) => client(ctx).create({ input: { userId: '2' } }));
  // @ts-expect-error Pages have to be handled.
  void (() => boxEventsOnRestate({ token: 'x', asUser: true }));
});
