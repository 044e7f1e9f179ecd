import { createRandom } from '../../src/simulator/random.ts';
import { drawFate } from './fates.ts';
import { liveAndDie, liveUntil, type Place, type Program } from './mortal.ts';
import type { WorkingBox } from './working-box.ts';

/** How many milliseconds pass between two things that happen in Box while the program lives. */
const pulse = 60;

/**
 * Lets a program live and die so many times, while its Box is at work and misbehaves. Resolves with where the ends fell: how many for
 * each place.
 */
export async function killAgain(
  program: Program,
  { box, work }: WorkingBox,
  { times, seed }: { times: number; seed: number },
): Promise<Map<Place, number>> {
  const random = createRandom(seed);
  const places = new Map<Place, number>();
  for (let life = 0; life < times; life += 1) {
    const { work: count, faults, aim } = drawFate(life, random);
    work(count);
    const lift = faults.map((fault) => box.setFault(fault));
    const working = setInterval(() => work(1), pulse);
    const place = await liveAndDie(program, aim).finally(() => clearInterval(working));
    places.set(place, (places.get(place) ?? 0) + 1);
    await Promise.all(lift.map((end) => end()));
  }
  return places;
}

/** Lets two of a program live at once, each of which is told of everything that happens. */
export async function liveTwice(program: Program, { box, work }: WorkingBox): Promise<void> {
  let isEnough = false;
  const lives = [program, program].map((one) => liveUntil(one, () => isEnough));
  for (let round = 0; round < 20; round += 1) {
    await box.until(() => box.heldPolls === 2);
    work(10);
  }
  await box.until(() => box.heldPolls === 2);
  isEnough = true;
  work(1);
  await Promise.all(lives);
}
