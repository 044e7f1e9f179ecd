import { createRandom } from '../../src/simulator/random.ts';
import { drawFate } from './fates.ts';
import { liveAndDie, type Place, type Program } from './mortal.ts';
import type { WorkingBox } from './working-box.ts';

/**
 * Lets a program live and die so many times, while its Box is at work and misbehaves. Resolves with where the ends fell: how many for
 * each place.
 */
export async function killAgain(
  program: Program,
  { box, work }: WorkingBox,
  { times, seed }: { times: number; seed: number },
): Promise<Partial<Record<Place, number>>> {
  const random = createRandom(seed);
  const places: Partial<Record<Place, number>> = {};
  for (let life = 0; life < times; life += 1) {
    const { work: count, faults, aim } = drawFate(life, { random, patience: program.patience });
    work(count);
    for (const fault of faults) box.setFault(fault);
    const place = await liveAndDie(program, aim);
    places[place] = (places[place] ?? 0) + 1;
    await box.clearFaults();
  }
  return places;
}
