import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { UserDelivery } from '../../src/restate/index.ts';
import { listen } from '../support/listen.ts';

/** Somebody outside of Restate who is sent pages. Keeps what came, in order. */
export async function startSink() {
  const pages: UserDelivery[] = [];
  const server = createServer((request, response) => {
    json(request).then(
      (page) => {
        pages.push(page as UserDelivery);
        response.end();
      },
      // The worker was killed while it spoke.
      () => response.destroy(),
    );
  });
  const port = await listen(server);
  return {
    pages,
    url: `http://127.0.0.1:${port}`,
    stop(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
