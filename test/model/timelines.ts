import fc from 'fast-check';
import { runTimeline } from './run-timeline.ts';
import { type Kind, type Trouble, troubles, type World } from './world.ts';

/** One thing after another, as plain data: what a failing timeline is printed as. */
export type Step =
  | { do: 'publish'; count: number }
  | { do: 'wait'; seconds: number }
  | { do: 'trouble'; with: Kind; troubles: Trouble[] }
  /** From now on the consumer handles pages at once, within five seconds, when it is let go, or fails on the next one. */
  | { do: 'consumer'; is: 'quick' | 'slow' | 'held' | 'failing' }
  | { do: 'pause' | 'resume' }
  /** Keeps a snapshot, for `restart from what was kept`. */
  | { do: 'keep' }
  /** The process dies, and another one goes on from its last snapshot, or from an older one. */
  | { do: 'restart' | 'restart from what was kept' | 'stop and start' };

const just = <T extends string>(name: T) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: just('publish'), count: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 3, arbitrary: fc.record({ do: just('wait'), seconds: fc.constantFrom(1, 3, 31, 61, 130) }) },
  ...(['servers', 'poll', 'events'] as const).map((kind) =>
    fc.record({
      do: just('trouble'),
      with: fc.constant(kind),
      troubles: fc.array(fc.constantFrom<Trouble[]>(...troubles[kind]), { minLength: 1, maxLength: 5 }),
    }),
  ),
  fc.record({ do: just('consumer'), is: fc.constantFrom('quick', 'slow', 'held', 'failing') }),
  fc.record({ do: fc.constantFrom('pause', 'resume') }),
  fc.record({ do: just('keep') }),
  fc.record({ do: fc.constantFrom('restart', 'restart from what was kept', 'stop and start') }),
);

/** Timelines of whatever can happen to a stream in such a world, whose invariants hold at every moment, and which end well. */
export const timelinesIn = (createWorld: () => World | Promise<World>, { longest = 30 } = {}) =>
  fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: longest }), async (steps) => {
    const world = await createWorld();
    try {
      await runTimeline(steps, world);
    } finally {
      await world.stop();
    }
  });

/**
 * Runs so many timelines, or the one that SEED and TIMELINE say, as a failure has told them.
 *
 * @throws {Error} that tells a timeline that fails, as short as it could be made, and how to see it again.
 */
export async function runTimelines(
  timelines: fc.IAsyncProperty<[Step[]]>,
  { runs, title }: { runs: number; title: string },
): Promise<void> {
  const { SEED, TIMELINE } = process.env;
  const found = await fc.check(timelines, {
    numRuns: runs,
    ...(SEED !== undefined && { seed: Number(SEED) }),
    ...(TIMELINE !== undefined && { path: TIMELINE }),
  });
  if (!found.failed) return;
  const story = found.counterexample?.[0].map((step) => `  ${JSON.stringify(step)}`).join('\n');
  throw new Error(
    `A timeline fails:\n${story}\nTo see it again: SEED=${found.seed} TIMELINE=${found.counterexamplePath} npx vitest run test/model/timelines -t '${title}'`,
    { cause: found.errorInstance },
  );
}
