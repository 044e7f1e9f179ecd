import { inspect } from 'node:util';
import { type Actor, createActor, fromPromise } from 'xstate';
import { boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import { resumeFrom } from '../../machines/resume-from.ts';
import type { StreamInput } from '../../machines/stream-input.ts';
import type { Step } from './timelines.ts';
import type { World } from './world.ts';

type Stream = Actor<typeof boxEventsMachine>;

const second = 1_000;
/** How long a slow consumer takes for a page. */
const slow = 5 * second;
/** No failure outlasts it, once troubles have ended: a back-off, a silent poll, and one that is held. */
const recovery = 200 * second;

/** Runs a timeline, and throws where an invariant does not hold. */
export async function runTimeline(steps: readonly Step[], world: World): Promise<void> {
  const { clock } = world;
  /** The events in the order in which they were handled first, and those that this life of the stream has handled. */
  const handled: string[] = [];
  let ofThisLife = new Set<string>();
  let told: unknown[] = [];
  let consumer: 'quick' | 'slow' | 'held' | 'failing' = 'quick';
  let letGo = () => {};
  let stream = begin({ streamPosition: '0' });
  let kept = snapshotOf(stream);

  await settle();
  for (const step of steps) {
    take(step);
    await settle();
    if (step.do === 'wait') await pass(step.seconds * second);
  }

  world.endTroubles();
  consumer = 'quick';
  letGo();
  await settle();
  stream.send({ type: 'resume' });
  await settle();
  await pass(recovery);
  if (handled.join() !== world.ids.join())
    throw new Error(`Handled ${handled.join()} of ${world.ids.join()}.`);
  if (!stream.getSnapshot().matches('polling')) throw new Error(`It ends in ${describe(stream)}.`);
  if (stream.getSnapshot().context.attempt > 0) throw new Error('It still counts failures when all is well.');
  stream.stop();

  function take(step: Step): void {
    if (step.do === 'publish') world.publish(step.count);
    else if (step.do === 'trouble') world.trouble(step.with, step.troubles);
    else if (step.do === 'consumer') {
      consumer = step.is;
      if (step.is !== 'held') letGo();
    } else if (step.do === 'keep') kept = snapshotOf(stream);
    else if (step.do === 'restart') restart(snapshotOf(stream));
    else if (step.do === 'restart from what was kept') restart(kept);
    else if (step.do === 'stop and start') stream.send({ type: 'stop' });
    else if (step.do !== 'wait') stream.send({ type: step.do });
  }

  function begin(input: StreamInput): Stream {
    const deliver = fromPromise<void, Delivery>(({ input: page, signal }) => handle(page, signal));
    const actor = createActor(boxEventsMachine.provide({ actors: { ...world.services, deliver } }), {
      clock,
      input,
    });
    actor.subscribe({ error: (error) => told.push(error) });
    actor.on('*', (emitted) => told.push(emitted));
    return actor.start();
  }

  function restart(snapshot: string): void {
    stream.stop();
    letGo = () => {};
    ofThisLife = new Set();
    world.forgive();
    stream = begin(resumeFrom(JSON.parse(snapshot)));
  }

  async function handle({ events }: Delivery, signal: AbortSignal): Promise<void> {
    if (consumer === 'failing' && events.length > 0) {
      consumer = 'quick';
      throw new Error('The consumer failed.');
    }
    if (consumer === 'slow') await new Promise<void>((resolve) => clock.setTimeout(resolve, slow));
    else if (consumer === 'held') {
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    }
    // A process that died handles nothing any more.
    if (signal.aborted) return;
    for (const { event_id: id = '' } of events) {
      if (ofThisLife.has(id)) throw new Error(`${id} was delivered twice.`);
      ofThisLife.add(id);
      if (!handled.includes(id)) handled.push(id);
    }
  }

  async function pass(milliseconds: number): Promise<void> {
    for (const end = clock.now() + milliseconds; clock.now() < end; ) {
      clock.increment(second);
      await settle();
    }
  }

  /** Lets everything happen that has been set off, and looks whether all is as it should be. */
  async function settle(): Promise<void> {
    const asked = world.requests.length;
    const backlog = world.ids.length - handled.length;
    await world.rests(stream);
    check();
    if (stream.getSnapshot().status !== 'active') {
      restart(snapshotOf(stream));
      await world.rests(stream);
      check();
    }
    // What is new takes a poll and a page for each event at most; what is fruitless is asked three times.
    const requests = world.requests.length - asked;
    if (requests > 20 + 3 * backlog) throw new Error(`${requests} requests at once.`);
  }

  function check(): void {
    const { status, error, context } = stream.getSnapshot();
    const problems = [
      status === 'error' && !/The consumer failed/.test(String(error)) && `It has failed: ${error}`,
      handled.some((id, index) => id !== world.ids[index]) && `Handled out of order: ${handled.join()}.`,
      world.countUpTo(context.streamPosition) > handled.length && 'The position ran ahead of delivery.',
      context.recent.some((id) => !handled.includes(id)) && 'An id is remembered that was not handled.',
      openRequests() !== expectedRequest(stream) &&
        `In ${describe(stream)} there is open: ${openRequests()}.`,
      world.early > 0 && 'A request came before a busy Box had asked for it.',
      tellsKeys() && 'A key was told.',
    ].filter((problem) => problem !== false);
    if (problems.length > 0) throw new Error(problems.join(' '));
    told = [];
  }

  function openRequests(): string {
    return world.requests
      .filter(({ over }) => !over)
      .map(({ kind }) => kind)
      .join();
  }

  function tellsKeys(): boolean {
    if (told.length === 0) return false;
    const text = inspect(told, { depth: 10, showHidden: true });
    return world.keys.some((key) => text.includes(key));
  }
}

/** The one request that may be open in this state. */
function expectedRequest(stream: Stream): string {
  const snapshot = stream.getSnapshot();
  if (snapshot.status !== 'active') return '';
  if (snapshot.matches('fetchingServers')) return 'servers';
  if (snapshot.matches('polling')) return 'poll';
  return snapshot.matches('fetchingEvents') ? 'events' : '';
}

function snapshotOf(stream: Stream): string {
  return JSON.stringify(stream.getPersistedSnapshot());
}

function describe(stream: Stream): string {
  return JSON.stringify(stream.getSnapshot().value);
}
