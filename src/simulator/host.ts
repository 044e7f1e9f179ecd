import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, errorAnswer, writeAnswer } from './answer.ts';
import type { SimulatorClock } from './clock.ts';
import type { RequestRecord, SimulatorRequest } from './requests.ts';

/** May answer a request in Box's place; `undefined` leaves it to Box. */
export type Intercept = (request: SimulatorRequest) => Answer | undefined | Promise<Answer | undefined>;

/** One of Box's hosts: the API, or a realtime server. */
export interface Host {
  /** Says what a request is, before anything is decided about it. */
  identify(method: string, url: string, headers: IncomingMessage['headers']): Identity;
  answer(request: SimulatorRequest): Answer | Promise<Answer>;
  /** The client of a request that waits for its answer went away. */
  forget?(request: SimulatorRequest): void;
  /** Which realtime server this is, from 0. */
  server?: number;
  /** Whether a connection serves more than one request. */
  keepAlive: boolean;
}

export type Identity = Pick<SimulatorRequest, 'kind' | 'userId'>;

export interface Listening {
  /** Where it listens, as `http://127.0.0.1:PORT`. */
  url: string;
  /** Destroys every connection and resolves when the port is free. */
  close(): Promise<void>;
}

interface Surroundings {
  clock: SimulatorClock;
  record: RequestRecord;
  intercept: Intercept;
}

/** Puts a host on a port of 127.0.0.1; port 0 is any free one. */
export async function listen(host: Host, port: number, surroundings: Surroundings): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    serve(host, incoming, response, surroundings);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, backlog: 4_096 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  host: Host,
  incoming: IncomingMessage,
  response: ServerResponse,
  { clock, record, intercept }: Surroundings,
): Promise<void> {
  const { method = '', url = '', headers } = incoming;
  const request: SimulatorRequest = {
    ...host.identify(method, url, headers),
    method,
    url,
    headers,
    at: clock.now(),
    server: host.server,
    status: undefined,
    aborted: false,
  };
  let answer: Answer | undefined;
  response.shouldKeepAlive &&= host.keepAlive;
  response.on('close', () => {
    request.aborted = answer !== 'reset' && !response.writableFinished;
    if (request.aborted) host.forget?.(request);
    record.notice();
  });
  record.add(request);

  answer = await decide(host, request, intercept);
  if (request.aborted) return;
  if (typeof answer === 'object') request.status = answer.status;
  response.sendDate = false;
  response.setHeader('date', new Date(clock.now()).toUTCString());
  writeAnswer(response, answer);
  record.notice();
}

/** What a request is answered with: the only place where that is decided. */
async function decide(host: Host, request: SimulatorRequest, intercept: Intercept): Promise<Answer> {
  try {
    const answer = await intercept(request);
    if (answer !== undefined) return answer;
    return request.aborted ? 'silence' : await host.answer(request);
  } catch (error) {
    return errorAnswer(500, 'internal_server_error', String(error));
  }
}
