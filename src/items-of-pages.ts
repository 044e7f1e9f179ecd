/**
 * Iterates over the items of pages as an async generator around `for await` would, but without its three promises for each item: they cost
 * more than the rest of what an item costs here.
 *
 * @param open Iterates over a page's items. What it throws, at any of them, is thrown into `pages` and ends them.
 */
export function itemsOfPages<Page, Item>(
  pages: AsyncGenerator<Page, void, void>,
  open: (page: Page) => Iterator<Item, void>,
): EndableIterator<Item> {
  let items = none<Item>();
  // Whoever asks while a page is awaited waits for the same page.
  let turning: Promise<boolean> | undefined;

  const turn = async (): Promise<boolean> => {
    try {
      const page = await pages.next();
      if (!page.done) items = open(page.value);
      return !page.done;
    } finally {
      turning = undefined;
    }
  };

  return {
    async next() {
      try {
        for (;;) {
          const item = items.next();
          if (!item.done) return item;
          turning ??= turn();
          if (!(await turning)) return ended;
        }
      } catch (error) {
        items = none();
        await pages.throw(error);
        throw error;
      }
    },
    async return() {
      items = none();
      await pages.return();
      return ended;
    },
  };
}

/** An async iterator that can be ended before its end. */
export interface EndableIterator<T> extends AsyncIterator<T, void, void> {
  next(): Promise<IteratorResult<T, void>>;
  return(): Promise<IteratorResult<T, void>>;
}

const ended = { done: true, value: undefined } as const;

function none<T>(): Iterator<T, void> {
  return [].values();
}
