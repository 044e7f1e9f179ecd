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
  let isReturned = false;
  // Whoever asks while a page is awaited waits for the same one.
  let turning: Promise<IteratorResult<Page, void>> | undefined;

  return {
    async next() {
      try {
        for (;;) {
          const item = items.next();
          if (!item.done) return item;
          turning ??= pages.next();
          const turned = turning;
          const page = await turned;
          if (page.done) return page;
          if (isReturned) return ended;
          if (turning === turned) {
            turning = undefined;
            items = open(page.value);
          }
        }
      } catch (error) {
        turning = undefined;
        items = none();
        await pages.throw(error);
        throw error;
      }
    },
    async return() {
      isReturned = true;
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
