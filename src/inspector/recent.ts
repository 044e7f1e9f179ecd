/** The most recent of many items, each with a number that counts on from 1. */
export class Recent<T> {
  readonly #items: { readonly number: number; readonly item: T }[] = [];
  readonly #capacity: () => number;
  #count = 0;

  /** @param capacity How many are kept, at this moment. */
  constructor(capacity: () => number) {
    this.#capacity = capacity;
  }

  add(make: (number: number) => T): void {
    this.#count += 1;
    this.#items.push({ number: this.#count, item: make(this.#count) });
    // Not one by one, for that moves all the others each time.
    if (this.#items.length > this.#capacity() * 1.25)
      this.#items.splice(0, this.#items.length - this.#capacity());
  }

  /** Those that came after the one of this number, the oldest first. */
  after(number: number): readonly { readonly number: number; readonly item: T }[] {
    if (number >= this.#count) return [];
    const first = this.#items[0]?.number ?? 0;
    return this.#items.slice(Math.max(0, number + 1 - first));
  }
}
