import ky from 'ky';
import { fromPromise, type PromiseActorLogic } from 'xstate';
import { createFetch } from '#transport';
import type { BoxRequest } from '../machines/box-error.ts';
import type {
  EventsInput,
  LongPollInput,
  RealtimeAnswer,
  ServersInput,
} from '../machines/box-events.machine.ts';
import type { EventsAnswer } from '../machines/page.ts';
import type { RealtimeServer } from '../machines/realtime-server.ts';
import { readEvents, readRealtimeAnswer, readServers } from './answers.ts';
import { DeadlineError, longestTimer, withDeadline } from './deadline.ts';
import { networkError, shapeError, statusError } from './errors.ts';
import { type Hide, hiding } from './hiding.ts';
import { checkToken, readToken, type Token } from './token.ts';
import { type Fetch, withSignal } from './transport/fetch.ts';

const boxApi = 'https://api.box.com/2.0';
const shortestKey = 8;
const requestInit = { redirect: 'manual', credentials: 'omit', cache: 'no-store' } as const;

/** Who asks Box, and how. */
export interface ServicesOptions {
  /** An access token, or a function that gives one before each request to the API. */
  readonly token: Token;
  /**
   * Send `as-user` with the `userId` of the stream's input: for a token that acts for many users.
   *
   * @default false
   */
  readonly asUser?: boolean | undefined;
  /**
   * Where Box's API is: http or https.
   *
   * @default 'https://api.box.com/2.0'
   */
  readonly apiUrl?: string | undefined;
  /**
   * How many events to ask for at once, 1 to 500.
   *
   * @default 500
   */
  readonly limit?: number | undefined;
  /**
   * How long a request to the API may take, in milliseconds: the token function, the headers and the body together. A long poll is
   * bounded by Box's `retry_timeout` instead.
   *
   * @default 30_000
   */
  readonly requestTimeout?: number | undefined;
  /**
   * What carries the requests. It must bear the silence of a long poll for minutes, and follow no redirect.
   *
   * @default Node's own HTTP/1.1 client, which obeys `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; the platform's `fetch` elsewhere
   */
  readonly fetch?: Fetch | undefined;
}

/** The actors that `boxEventsMachine` declares, over HTTP. Create them once for an application, for all its streams. */
export interface BoxEventsServices {
  /** `OPTIONS /events`. */
  readonly fetchServers: PromiseActorLogic<readonly RealtimeServer[], ServersInput>;
  /** `GET` on a realtime server, without authorization, until something changes. */
  readonly longPoll: PromiseActorLogic<RealtimeAnswer, LongPollInput>;
  /** `GET /events`. */
  readonly fetchEvents: PromiseActorLogic<EventsAnswer, EventsInput>;
}

/**
 * Implements the actors of `boxEventsMachine` over HTTP: `boxEventsMachine.provide({ actors: createServices({ token }) })`.
 *
 * @throws {TypeError} that says which option is wrong.
 */
export function createServices(options: ServicesOptions): BoxEventsServices {
  const requests = createRequests(options);
  return {
    fetchServers: fromPromise(({ input, signal }) => requests.fetchServers(input, signal)),
    longPoll: fromPromise(({ input, signal }) => requests.longPoll(input, signal)),
    fetchEvents: fromPromise(({ input, signal }) => requests.fetchEvents(input, signal)),
  };
}

/** Box's three requests as plain functions of their input and a signal. They reject with a `BoxError`, or with the signal's reason. */
export function createRequests(options: ServicesOptions) {
  const { token, asUser, apiUrl, limit, requestTimeout, transport } = checkOptions(options);

  // The chart retries, and bounds each wait: ky must do neither.
  const client = ky.create({ ...requestInit, retry: 0, timeout: false, throwHttpErrors: false });

  // The signal goes past ky, which would make two more of it.
  const sendToApi = (url: string, { signal, ...init }: Sending): Promise<Response> =>
    client(url, { ...init, fetch: (input) => transport(toRequest(input), signal) });

  // Past ky altogether: a poll has no use for it, and it would hold some KB for each of the thousands that are held.
  const sendPoll = (url: string, signal: AbortSignal): Promise<Response> =>
    transport(new Request(url, requestInit), signal);

  const askApi = (
    request: 'servers' | 'events',
    path: string,
    { userId, method, signal }: ApiAsk,
  ): Promise<string> => {
    const askWith = (bearer: string, within: AbortSignal): Promise<Answer> => {
      const headers = { authorization: `Bearer ${bearer}`, ...(asUser && { 'as-user': readAsUser(userId) }) };
      const sent = sendToApi(`${apiUrl}${path}`, { method, headers, signal: within });
      return readAnswer(sent, { request, signal: within, hide: hiding('(token)', bearer) });
    };
    return withDeadline(requestTimeout, signal, async (within) => {
      let secret = await readToken(token, { userId, signal: within });
      let { response, text } = await askWith(secret, within);
      if (response.status === 401 && typeof token === 'function') {
        secret = await readToken(token, { userId, refused: secret, signal: within });
        ({ response, text } = await askWith(secret, within));
      }
      if (!response.ok) throw statusError(request, response, { text, hide: hiding('(token)', secret) });
      return text;
    }).catch((error: unknown) => {
      throw error instanceof DeadlineError ? networkError(request, error) : error;
    });
  };

  /** The realtime servers in Box's own words. */
  const askServers = ({ userId, streamType }: ServersInput, signal: AbortSignal): Promise<string> => {
    const query = streamType === 'all' ? '' : `?stream_type=${streamType}`;
    return askApi('servers', `/events${query}`, { userId, method: 'OPTIONS', signal });
  };

  return {
    askServers,

    async fetchServers(input: ServersInput, signal: AbortSignal): Promise<RealtimeServer[]> {
      return readServers(await askServers(input, signal));
    },

    // Without authorization: the channel in the URL is the key, and the URL may be plain http. Not `async`, nor is what it calls: each
    // function that waits keeps its own part in memory while the poll is held.
    longPoll({ url, streamPosition }: LongPollInput, signal: AbortSignal): Promise<RealtimeAnswer> {
      const sent = sendPoll(withPosition(url, streamPosition), signal);
      return readAnswer(sent, { request: 'poll', signal, hide: hiding('(key)', ...keysIn(url)) }).then(
        ({ response, text }) => {
          const answer = readRealtimeAnswer(text, response.ok);
          if (answer) return answer;
          throw response.ok
            ? shapeError('poll', 'no message that Box documents')
            : statusError('poll', response, { text });
        },
      );
    },

    async fetchEvents(
      { userId, streamType, streamPosition }: EventsInput,
      signal: AbortSignal,
    ): Promise<EventsAnswer> {
      const query = `stream_position=${streamPosition}&stream_type=${streamType}&limit=${limit}`;
      const text = await askApi('events', `/events?${query}`, { userId, method: 'GET', signal });
      return readEvents(text, { limit, asked: streamPosition });
    },
  };
}

interface Sending {
  readonly method: 'GET' | 'OPTIONS';
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

interface ApiAsk {
  readonly userId: string | undefined;
  readonly method: 'GET' | 'OPTIONS';
  readonly signal: AbortSignal;
}

interface Answer {
  readonly response: Response;
  readonly text: string;
}

interface Asked {
  readonly request: BoxRequest;
  readonly signal: AbortSignal;
  /** Applied to what the transport says about a failure. */
  readonly hide: Hide;
}

function readAnswer(sent: Promise<Response>, { request, signal, hide }: Asked): Promise<Answer> {
  return sent
    .then(async (response) => ({ response, text: await response.text() }))
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw networkError(request, error, hide);
    });
}

function checkOptions({
  token,
  asUser = false,
  apiUrl = boxApi,
  limit = 500,
  requestTimeout = 30_000,
  fetch,
}: ServicesOptions) {
  checkToken(token);
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError(
      `apiUrl must be an http(s) URL such as ${boxApi}, without a user, a query or a fragment.`,
    );
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    throw new TypeError(`limit must be a whole number from 1 to 500, not ${String(limit)}.`);
  }
  if (!(requestTimeout > 0 && requestTimeout <= longestTimer)) {
    throw new TypeError(
      `requestTimeout must be milliseconds, more than 0 and at most ${longestTimer}, not ${String(requestTimeout)}.`,
    );
  }
  return {
    token,
    asUser,
    apiUrl: apiUrl.replace(/\/+$/, ''),
    limit,
    requestTimeout,
    transport: fetch ? withSignal(fetch) : createFetch(),
  };
}

function readAsUser(userId: string | undefined): string {
  if (userId !== undefined && /^\w+$/.test(userId)) return userId;
  throw new TypeError('asUser needs the id of a Box user as the userId of the stream.');
}

// The rest of the URL stays as Box wrote it, to the letter.
function withPosition(url: string, streamPosition: string): string {
  const polled = new URL(url);
  polled.search += `${polled.search ? '&' : '?'}stream_position=${streamPosition}`;
  return polled.href;
}

// The channel is a key. Which part of the query it is, only Box knows.
function keysIn(url: string): string[] {
  const { search, searchParams } = new URL(url);
  const asWritten = search.split(/[?&=]/);
  return [...asWritten, ...searchParams.values()].filter(({ length }) => length >= shortestKey);
}

function toRequest(input: Request | string | URL): Request {
  return input instanceof Request ? input : new Request(input);
}
