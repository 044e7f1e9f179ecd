import { describe, expect, test } from 'vitest';
import { itemsOfPages } from '../src/items-of-pages.ts';

type Page = readonly number[];

/** Pages that come when they are sent. */
function createPages(...sent: Page[]) {
  const log: string[] = [];
  const gates: ((page: Page | undefined) => void)[] = [];
  async function* pages(): AsyncGenerator<Page, void, void> {
    try {
      for (let page = await nextPage(); page; page = await nextPage()) {
        yield page;
        log.push(`handled ${page}`);
      }
    } catch (error) {
      log.push(String(error));
      throw error;
    } finally {
      log.push('closed');
    }
  }
  const nextPage = async () =>
    sent.shift() ?? new Promise<Page | undefined>((resolve) => gates.push(resolve));
  return { pages: pages(), log, send: (page?: Page) => gates.shift()?.(page) };
}

const items = (pages: AsyncGenerator<Page, void, void>) => itemsOfPages(pages, (page) => page.values());
const item = (value: number) => ({ done: false, value });
const end = { done: true, value: undefined };

describe('items of pages', () => {
  test('come one by one, a page is handled when the next item is asked for, and empty pages are passed over', async () => {
    const { pages, log, send } = createPages([1, 2], [], [3]);
    const iterator = items(pages);
    expect([await iterator.next(), await iterator.next()]).toEqual([item(1), item(2)]);
    expect(log).toEqual([]);
    expect(await iterator.next()).toEqual(item(3));
    expect(log).toEqual(['handled 1,2', 'handled ']);
    const last = iterator.next();
    await Promise.resolve();
    send(undefined);
    expect(await last).toEqual(end);
    expect(await iterator.next()).toEqual(end);
    expect(log).toEqual(['handled 1,2', 'handled ', 'handled 3', 'closed']);
  });

  test('come once and in order to those who ask before there is a page', async () => {
    const { pages, send } = createPages();
    const iterator = items(pages);
    const asked = Promise.all(Array.from({ length: 5 }, () => iterator.next()));
    for (const page of [[1, 2], [3], [4], undefined]) {
      await new Promise(setImmediate);
      send(page);
    }
    expect(await asked).toEqual([item(1), item(2), item(3), item(4), end]);
  });

  test('are dropped, with the pages, when they are returned from', async () => {
    const { pages, log } = createPages([1, 2]);
    const iterator = items(pages);
    await iterator.next();
    expect(await iterator.return()).toEqual(end);
    expect(await iterator.next()).toEqual(end);
    expect(log).toEqual(['closed']);
  });

  test('are dropped, too, when a page comes as they are returned from', async () => {
    const { pages } = createPages([1, 2]);
    const iterator = items(pages);
    const asked = iterator.next();
    await iterator.return();
    expect([await asked, await iterator.next()]).toEqual([end, end]);
  });

  test('end with what an item throws: its page counts as unhandled', async () => {
    const { pages, log } = createPages([1, 2], [3]);
    const iterator = itemsOfPages(pages, function* (page) {
      for (const number of page) {
        if (number === 2) throw new Error('no more');
        yield number;
      }
    });
    expect(await iterator.next()).toEqual(item(1));
    await expect(iterator.next()).rejects.toThrow('no more');
    expect(await iterator.next()).toEqual(end);
    expect(log).toEqual(['Error: no more', 'closed']);
  });

  test('end with the error of the pages, which comes once', async () => {
    async function* failing(): AsyncGenerator<Page, void, void> {
      yield [];
      throw new Error('no page');
    }
    const iterator = items(failing());
    await expect(iterator.next()).rejects.toThrow('no page');
    expect(await iterator.next()).toEqual(end);
  });
});
