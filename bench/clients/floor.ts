import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateClient } from './client.ts';

/**
 * The floor: the least that a correct client can do, on `node:http` alone. It notices statuses, truncated bodies and dead connections,
 * and moves its position only after the events are handled. It knows no proxy, no abort, no duplicates and no patience.
 */
export const createClient: CreateClient = (url) => ({
  listen: (token, streamPosition, onEvent) => {
    void follow({ api: `${url}/2.0/events`, token, streamPosition, handle: onEvent });
  },
  consume: (token, streamPosition, handle) => {
    void follow({ api: `${url}/2.0/events`, token, streamPosition, handle });
  },
});

interface Following {
  api: string;
  token: string;
  streamPosition: string;
  handle: () => void | Promise<void>;
}

const agent = new Agent({ keepAlive: true });
const limit = 500;

async function follow({ api, token, streamPosition, handle }: Following): Promise<never> {
  const headers = { authorization: `Bearer ${token}` };
  let position = streamPosition;

  const catchUp = async () => {
    for (let isFull = true; isFull; ) {
      const query = `stream_position=${position}&stream_type=all&limit=${limit}`;
      const page = JSON.parse(await ask(`${api}?${query}`, { headers }));
      for (const _event of page.entries) {
        const handled = handle();
        if (handled) await handled;
      }
      position = page.next_stream_position;
      isFull = page.entries.length >= limit;
    }
  };

  for (;;) {
    try {
      await catchUp();
      for (;;) {
        const [server] = JSON.parse(await ask(api, { method: 'OPTIONS', headers })).entries;
        const poll = { timeout: server.retry_timeout * 1_000 };
        for (let polls = 0; polls <= Number(server.max_retries); polls += 1) {
          const answer = await ask(`${server.url}&stream_position=${position}`, poll);
          if (JSON.parse(answer).message !== 'new_change') break;
          await catchUp();
        }
      }
    } catch {
      await sleep(1_000);
    }
  }
}

interface Ask {
  method?: 'GET' | 'OPTIONS';
  headers?: Record<string, string>;
  timeout?: number;
}

function ask(url: string, options: Ask): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(url, { agent, ...options }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('error', reject);
    answer.on('end', () => {
      if (answer.statusCode === 200) resolve(Buffer.concat(chunks).toString());
      else reject(new Error(`status ${answer.statusCode}`));
    });
  });
  sent.on('error', reject);
  sent.on('timeout', () => sent.destroy(new Error('silence')));
  sent.end();
  return promise;
}
