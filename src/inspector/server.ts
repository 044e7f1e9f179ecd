import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAsset } from './assets.ts';
import { type Feed, openFeed } from './feed.ts';
import { refuse, safeHeaders } from './guard.ts';
import type { Action, FaultButton } from './messages.ts';
import { readAction } from './read-action.ts';
import type { Recorder } from './recorder.ts';

/** What the page shows and does. */
export interface ServerOptions {
  readonly port: number;
  readonly title: string;
  /** Whether it keeps the process from ending. */
  readonly keepsProcess: boolean;
  readonly streams: ReadonlyMap<string, Recorder>;
  readonly faults: () => readonly FaultButton[] | null;
  /** Does what the page asks for. Throws what cannot be done. */
  readonly act: (action: Action) => void | Promise<void>;
}

/** The page, on a port of 127.0.0.1. */
export interface InspectorServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Something has changed about a stream; without an id, about the simulated Box. */
  notice(streamId?: string): void;
  close(): Promise<void>;
}

const longestAction = 10_000;

export async function startServer(options: ServerOptions): Promise<InspectorServer> {
  const token = randomBytes(24).toString('base64url');
  const session = randomBytes(8).toString('base64url');
  const feeds = new Set<Feed>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answer(response, 400, error instanceof Error ? error.message : String(error));
    });
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refuse(request, token);
    if (refusal) return answer(response, refusal.status, refusal.reason);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST') {
      if (pathname !== '/act') return answer(response, 404, 'There is nothing of that name.');
      await options.act(readAction(await readBody(request)));
      return answer(response, 204);
    }
    if (pathname === '/updates') return follow(response, searchParams.get('stream') ?? undefined);
    const asset = await readAsset(pathname, { token, title: options.title });
    if (!asset) return answer(response, 404, 'There is nothing of that name.');
    response.writeHead(200, { ...safeHeaders, 'content-type': asset.type }).end(asset.text);
  };

  const follow = (response: ServerResponse, openStream: string | undefined): void => {
    response.writeHead(200, { ...safeHeaders, 'content-type': 'text/event-stream' });
    const { streams, faults } = options;
    const feed = openFeed(response, { session, streams, openStream, faults });
    feeds.add(feed);
    response.on('close', () => {
      feeds.delete(feed);
      feed.close();
    });
  };

  if (!options.keepsProcess) server.unref().on('connection', (socket) => socket.unref());
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    notice(streamId) {
      for (const feed of feeds) feed.notice(streamId);
    },
    close: () =>
      new Promise((resolve) => {
        for (const feed of feeds) feed.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, text?: string): void {
  const type = text === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' };
  response
    .writeHead(status, { ...safeHeaders, ...type, ...(status === 405 && { allow: 'GET, POST' }) })
    .end(text);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestAction) throw new TypeError('That is too much.');
  }
  return JSON.parse(text);
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('The inspector does not listen on a port.');
}
