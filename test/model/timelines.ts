import fc from 'fast-check';
import { type Actor, createActor, fromPromise, SimulatedClock } from 'xstate';
import { boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import type { StreamInput } from '../../machines/stream-input.ts';
import { channelKey, FakeBox, type Trouble } from './fake-box.ts';

/** One thing after another, as plain data: what a failing timeline is printed as. */
export type Step =
  | { do: 'publish'; count: number }
  | { do: 'wait'; seconds: number }
  | { do: 'trouble'; with: 'servers' | 'poll' | 'events'; troubles: Trouble[] }
  | {
      do:
        | 'pause'
        | 'resume'
        | 'hold delivery'
        | 'let go of delivery'
        | 'fail delivery'
        | 'restart'
        | 'stop and start';
    };

const limit = 4;
const troubles: Record<'servers' | 'poll' | 'events', Trouble[]> = {
  servers: ['failure'],
  poll: ['failure', 'silence', 'newChange', 'reconnect', 'maxRetries'],
  events: ['failure', 'repeatTail', 'onlyOld', 'empty'],
};

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 3, 31, 61, 130) }),
  ...(['servers', 'poll', 'events'] as const).map((kind) =>
    fc.record({
      do: fc.constant('trouble' as const),
      with: fc.constant(kind),
      troubles: fc.array(fc.constantFrom(...troubles[kind]), { minLength: 1, maxLength: 5 }),
    }),
  ),
  fc.record({
    do: fc.constantFrom(
      'pause',
      'resume',
      'hold delivery',
      'let go of delivery',
      'fail delivery',
      'restart',
      'stop and start',
    ),
  }),
);

/** Timelines of whatever can happen to a stream, whose invariants hold at every step, and which end well. */
export const timelines = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), runTimeline);

/** Runs a timeline, and throws where an invariant does not hold. */
export async function runTimeline(steps: readonly Step[]): Promise<void> {
  const clock = new SimulatedClock();
  const box = new FakeBox(clock);
  const handled: string[] = [];
  const told: string[] = [];
  let delivery: { held?: PromiseWithResolvers<void> } | undefined;
  let isHolding = false;
  let isFailing = false;

  const deliver = async (page: Delivery) => {
    if (isHolding) {
      delivery = { held: Promise.withResolvers() };
      await delivery.held?.promise;
    }
    if (isFailing && page.events.length > 0) {
      isFailing = false;
      throw new Error('The consumer failed.');
    }
    handled.push(...page.events.map(({ event_id }) => event_id ?? ''));
  };
  const start = (input: StreamInput): Actor<typeof boxEventsMachine> => {
    const isCurrent = (): boolean => actor === stream;
    const actor: Actor<typeof boxEventsMachine> = createActor(
      boxEventsMachine.provide({
        actors: {
          ...box.services(limit),
          // The delivery of a process that died handles nothing any more.
          deliver: fromPromise<void, Delivery>(({ input: page }) =>
            isCurrent() ? deliver(page) : new Promise(() => {}),
          ),
        },
      }),
      { clock, input },
    );
    actor.subscribe({ error: () => {} });
    actor.on('*', (event) =>
      told.push(JSON.stringify(event), event.type === 'retry' ? event.error.message : ''),
    );
    return actor;
  };
  const restart = () => {
    const kept = JSON.parse(JSON.stringify(stream.getPersistedSnapshot()));
    stream.stop();
    delivery = undefined;
    stream = start(resumeFrom(kept));
    stream.start();
  };
  let stream = start({ streamPosition: '0' });
  stream.start();
  await idle();

  for (const now of steps) {
    const asked = box.requests;
    take(now);
    await idle();
    if (stream.getSnapshot().status !== 'active') restart();
    await idle();
    check(now, asked);
  }

  box.endTroubles();
  isHolding = isFailing = false;
  delivery?.held?.resolve();
  await idle();
  if (stream.getSnapshot().status !== 'active') restart();
  stream.send({ type: 'resume' });
  for (let round = 0; round < 30; round++) {
    await idle();
    clock.increment(5_000);
  }
  await idle();
  if (handled.join() !== box.ids.join()) throw new Error(`Handled ${handled.join()} of ${box.ids.join()}.`);
  if (!stream.getSnapshot().matches('polling'))
    throw new Error(`It ended in ${JSON.stringify(stream.getSnapshot().value)}.`);
  stream.stop();

  function take(now: Step): void {
    if (now.do === 'publish') box.publish(now.count);
    else if (now.do === 'wait') clock.increment(now.seconds * 1_000);
    else if (now.do === 'trouble') box.trouble(now.with, now.troubles);
    else if (now.do === 'hold delivery') isHolding = true;
    else if (now.do === 'fail delivery') isFailing = true;
    else if (now.do === 'let go of delivery') {
      isHolding = false;
      delivery?.held?.resolve();
    } else if (now.do === 'restart') restart();
    else if (now.do === 'stop and start') stream.send({ type: 'stop' });
    else stream.send({ type: now.do });
  }

  function check(now: Step, asked: number): void {
    const { streamPosition, recent } = stream.getSnapshot().context;
    const upTo = box.ids.slice(0, Number(streamPosition));
    if (upTo.some((id) => !handled.includes(id)))
      throw new Error(`Position ${streamPosition} ran ahead of delivery.`);
    if (recent.some((id) => !handled.includes(id)))
      throw new Error('An id is remembered whose event was not handled.');
    if (new Set(handled).size !== handled.length) throw new Error('An event was delivered twice.');
    if (told.some((text) => text.includes(channelKey))) throw new Error('The key of a channel was told.');
    if (box.mostOpen > 1) throw new Error(`${box.mostOpen} requests were open at once.`);
    // Between two moments, what is new may be fetched, and what is fruitless be tried three times.
    const news = box.ids.length / limit;
    if (now.do !== 'wait' && box.requests - asked > 15 + 3 * news)
      throw new Error(`${box.requests - asked} requests at once.`);
  }
}

/** Everything that was set off has happened; time stands still. */
const idle = () => new Promise<void>((resolve) => setImmediate(resolve));
