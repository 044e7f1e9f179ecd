import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** How many bytes are in use once all garbage is collected. */
export async function heapInUse(): Promise<number> {
  // What a WeakRef has given, or a promise holds, is let go of in a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
