import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, errorAnswer, type WholeAnswer, writeAnswer } from './answer.ts';
import type { SimulatorClock } from './clock.ts';
import type { Control } from './control.ts';
import type { Fault } from './fault.ts';
import { answerInstead, transferred } from './fault-answers.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import type { Reporter } from './report.ts';
import type { RequestRecord, SimulatorRequest } from './requests.ts';

/** May answer a request in Box's place; `undefined` leaves it to Box. */
export type Intercept = (request: SimulatorRequest) => Answer | undefined | Promise<Answer | undefined>;

/** One of Box's hosts: the API, or a realtime server. */
export interface Host {
  /** Says what a request is, before anything is decided about it. */
  identify(method: string, url: string, headers: IncomingMessage['headers'], body: string): Identity;
  /** What Box answers, under faults that concern what it says rather than how that comes. */
  answer(request: SimulatorRequest, faults: readonly Fault[], body: string): Answer | Promise<Answer>;
  /** The client of a request that waits for its answer went away. */
  forget?(request: SimulatorRequest): void;
  name: SimulatorRequest['host'];
  /** Which realtime server this is, from 0. */
  server?: number;
  /** Whether a connection serves more than one request. */
  keepAlive: boolean;
}

export type Identity = Pick<SimulatorRequest, 'kind' | 'userId'>;

export interface Listening {
  /** Where it listens, or did last, as `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Destroys every connection and resolves when the port is free. */
  close(): Promise<void>;
  /** Listens again after `close()`, on the same port or on any other. */
  reopen(port: 'same' | 'another'): Promise<void>;
}

interface Surroundings {
  clock: SimulatorClock;
  record: RequestRecord;
  reporter: Reporter;
  intercept: Intercept;
  faults: FaultSchedule;
  /** Answers what is meant for the simulator itself; neither faults nor the record concern that. */
  control: Control;
  /** The URL of a host that is not Box's. */
  elsewhere: () => string;
}

/** Puts a host on a port of 127.0.0.1; port 0 is any free one. */
export async function listen(host: Host, port: number, surroundings: Surroundings): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    // A request that breaks off, or an answer that HTTP cannot carry, ends with its connection.
    serve(host, incoming, response, surroundings).catch(() => response.destroy());
  });
  let url = await listenOn(server, port);
  return {
    get url() {
      return url;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    reopen: async (which) => {
      if (server.listening) return;
      url = await listenOn(server, which === 'same' ? Number(new URL(url).port) : 0);
    },
  };
}

async function listenOn(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, backlog: 4_096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function serve(
  host: Host,
  incoming: IncomingMessage,
  response: ServerResponse,
  surroundings: Surroundings,
): Promise<void> {
  const { clock, record, reporter } = surroundings;
  const { method = '', url = '', headers } = incoming;
  const body = method === 'POST' ? await textOf(incoming) : '';
  const controlled = host.name === 'api' ? surroundings.control({ method, url, headers, body }) : undefined;
  if (controlled !== undefined) return writeAnswer(response, controlled, clock);
  const request: SimulatorRequest = {
    ...host.identify(method, url, headers, body),
    method,
    url,
    headers,
    at: clock.now(),
    host: host.name,
    server: host.server,
    status: undefined,
    retryAfter: undefined,
    aborted: false,
    over: false,
  };
  let answer: Answer | undefined;
  response.shouldKeepAlive &&= host.keepAlive;
  response.on('close', () => {
    request.over = true;
    request.aborted = answer !== 'reset' && !response.writableFinished;
    if (request.aborted) {
      host.forget?.(request);
      reporter.aborted();
    }
    record.notice();
  });
  reporter.came(request);
  record.add(request);

  answer = await decide(host, request, body, surroundings);
  if (request.aborted) return;
  if (answer === 'reset') request.over = true;
  if (typeof answer === 'object') {
    request.status = answer.status;
    request.retryAfter = retryAfterOf(answer, clock.now());
    reporter.answered(request, clock.now());
  }
  response.sendDate = false;
  response.setHeader('date', new Date(clock.now()).toUTCString());
  writeAnswer(response, answer, clock);
  record.notice();
}

/** What a request is answered with: the only place where that is decided. */
async function decide(
  host: Host,
  request: SimulatorRequest,
  body: string,
  { intercept, faults, elsewhere, clock, reporter }: Surroundings,
): Promise<Answer> {
  try {
    const intercepted = await intercept(request);
    if (intercepted !== undefined) return intercepted;
    const taken = faults.take(request);
    const [instead] = taken.flatMap(
      (fault) => answerInstead(fault, request, { elsewhere: elsewhere(), now: clock.now() }) ?? [],
    );
    const answer = instead ?? (request.aborted ? 'silence' : await host.answer(request, taken, body));
    for (const { what } of taken) reporter.met(what);
    const isDead = taken.some(({ what }) => what === 'deadPoll') || faults.isUnder('deadPoll', request);
    return isDead ? 'silence' : transferred(answer, taken);
  } catch (error) {
    return errorAnswer(500, 'internal_server_error', String(error));
  }
}

function retryAfterOf({ headers }: WholeAnswer, now: number): number | undefined {
  const value = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  if (value === undefined) return undefined;
  return /^[\d.]+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) text += chunk;
  return text;
}
