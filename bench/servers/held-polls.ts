interface WholeAnswer {
  status: number;
  body: unknown;
}

interface Waiting {
  count: number;
  resolve: () => void;
}

/** At most so many clients that were sent away are waited for at once. */
const mostAway = 40;

/** Long polls that are held until a wave answers them. */
export class HeldPolls {
  #held: ((answer: WholeAnswer) => void)[] = [];
  #waiting: Waiting[] = [];

  /** The answer of a poll, once a wave has reached it. */
  hold(): Promise<WholeAnswer> {
    const { promise, resolve } = Promise.withResolvers<WholeAnswer>();
    this.#held.push(resolve);
    const isReached = ({ count }: Waiting) => this.#held.length >= count;
    const reached = this.#waiting.filter(isReached);
    this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting));
    for (const { resolve: goOn } of reached) goOn();
    return promise;
  }

  /** Waits until so many polls are held. */
  until(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#held.length >= count) resolve();
    else this.#waiting.push({ count, resolve });
    return promise;
  }

  /** Answers `reconnect` to each, the next ones when the former have come back. */
  async wave(): Promise<void> {
    const total = this.#held.length;
    for (let answered = 0; answered < total; ) {
      const part = this.#held.splice(0, Math.min(mostAway / 2, total - answered));
      answered += part.length;
      for (const answer of part) answer({ status: 200, body: { version: 1, message: 'reconnect' } });
      await this.until(total - mostAway / 2);
    }
    await this.until(total);
  }
}
