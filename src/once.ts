/** Makes an iterator of a generator, the first time that it is called. */
export type IterateOnce = <T>(iterate: () => AsyncGenerator<T, void, void>) => AsyncIterator<T, void, void>;

/**
 * @param refusal What to say to whoever iterates a second time.
 * @param end Ends what the generator may be waiting for.
 */
export function createOnce(refusal: string, end: () => void): IterateOnce {
  let isIterated = false;
  return (iterate) => {
    if (isIterated) throw new Error(refusal);
    isIterated = true;
    const generator = iterate();
    return {
      next: () => generator.next(),
      // A generator would wait for the page it is waiting for.
      return: () => {
        end();
        return generator.return();
      },
    };
  };
}
