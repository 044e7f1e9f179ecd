import { checkFault } from './check-fault.ts';
import type { SimulatorClock } from './clock.ts';
import type { Fault } from './fault.ts';
import type { SimulatorEvent } from './simulator-event.ts';

/** What goes wrong, and what happens meanwhile, over a stretch of time. Plain data. */
export interface Scenario {
  /** A few words, joined by hyphens. */
  name: string;
  /** What it is about, in one sentence. */
  says: string;
  /** How long it is, in milliseconds. */
  lasts: number;
  /** What goes wrong; `from` and `until` count from its beginning. @default [] */
  faults?: readonly Fault[];
  /** What happens to users. @default one event at the beginning, and one every second */
  publications?: readonly Publication[];
}

/** Events that are published in the course of a scenario. */
export interface Publication {
  /** Milliseconds after the beginning. */
  at: number;
  /** How many at once. @default 1 */
  count?: number;
  /** Again after so many milliseconds, and so on. */
  every?: number;
  /** To whom it happens. @default the first user */
  userId?: string;
  /** What happens. @default made up */
  event?: SimulatorEvent;
}

interface Stage {
  clock: SimulatorClock;
  setFault: (fault: Fault) => () => Promise<void>;
  publish: (event: SimulatorEvent, userId: string | undefined) => void;
  /** Throws when there is no such user. */
  accountOf: (userId?: string) => unknown;
  /** Rejects when the simulator stops. */
  halted: Promise<never>;
}

const everySecond: readonly Publication[] = [{ at: 0, every: 1_000 }];

/** Plays a scenario. Resolves when it is over, and its faults are ended. */
export async function playScenario(
  { lasts, faults = [], publications = everySecond }: Scenario,
  { clock, setFault, publish, accountOf, halted }: Stage,
): Promise<void> {
  // All of it is looked at before any of it begins.
  for (const fault of faults) checkFault(fault);
  for (const { userId } of publications) accountOf(userId);
  const endings = faults.map(setFault);
  const isOver = Promise.withResolvers<void>();
  const begunAt = clock.now();

  const schedule = (publication: Publication, at: number) => {
    clock.setTimeout(
      () => {
        for (let index = 0; index < (publication.count ?? 1); index += 1)
          publish(publication.event ?? {}, publication.userId);
        const next = at + (publication.every ?? Number.POSITIVE_INFINITY);
        if (next < lasts) schedule(publication, next);
      },
      at - (clock.now() - begunAt),
    );
  };
  for (const publication of publications) if (publication.at < lasts) schedule(publication, publication.at);
  clock.setTimeout(isOver.resolve, lasts);
  await Promise.race([isOver.promise, halted]);
  await Promise.all(endings.map((end) => end()));
}
