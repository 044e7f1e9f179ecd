import type { EndableIterator } from './items-of-pages.ts';

/** Makes an iterator, the first time that it is called. */
export type IterateOnce = <T>(iterate: () => EndableIterator<T>) => AsyncIterator<T, void, void>;

/**
 * @param refusal What to say to whoever iterates a second time.
 * @param end Ends what the iterator may be waiting for.
 */
export function createOnce(refusal: string, end: () => void): IterateOnce {
  let isIterated = false;
  return (iterate) => {
    if (isIterated) throw new Error(refusal);
    isIterated = true;
    const iterator = iterate();
    return {
      next: () => iterator.next(),
      // An async generator would wait for the page it is waiting for.
      return: () => {
        end();
        return iterator.return();
      },
    };
  };
}
