import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { UserDelivery } from '../../src/index.ts';
import { listen } from './listen.ts';

/** Somebody who takes pages over HTTP, and answers when a test says so. */
export async function createReceiver() {
  const pages: UserDelivery[] = [];
  const waiting = new Set<() => void>();
  /** What it answers with; a promise of a status holds the answer back. */
  let answer: () => number | Promise<number> = () => 204;
  const server = createServer(async (request, response) => {
    pages.push(JSON.parse(await text(request)));
    for (const look of waiting) look();
    response.writeHead(await answer()).end();
  });
  const port = await listen(server);

  return {
    url: `http://127.0.0.1:${port}/pages`,
    pages,
    /** The ids of all events that were taken, in order. */
    ids: () => pages.flatMap(({ events }) => events.map(({ event_id }) => event_id)),
    answerWith(next: typeof answer) {
      answer = next;
    },
    until(condition: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
