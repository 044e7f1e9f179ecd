import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Health } from 'box-events/operations';

/** What is served. */
export interface Probes {
  readonly health: Health;
  /** Answers with the metrics, as Prometheus reads them. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Serves `/livez` (200 as long as the process is of use), `/readyz` (200 once all streams are followed), `/health` (numbers, and no user)
 * and `/metrics`.
 *
 * A stalled stream is no reason to be restarted, for Box is not mended by that: it shows in `/health` and in the metrics.
 */
export async function serveProbes({ health, metrics }: Probes, address: { host: string; port: number }) {
  const server = createServer((request, response) => {
    const { isAlive, isReady, stalled, streams, failed } = health.check();
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    switch (request.url) {
      case '/livez':
        return answer(isAlive ? 200 : 503, { isAlive });
      case '/readyz':
        return answer(isReady ? 200 : 503, { isReady });
      case '/health':
        return answer(200, { isAlive, isReady, stalled: stalled.length, failed, streams });
      case '/metrics':
        return metrics(request, response);
    }
    return answer(404, { paths: ['/livez', '/readyz', '/health', '/metrics'] });
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}
