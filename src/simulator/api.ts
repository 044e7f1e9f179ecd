import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from './account.ts';
import { type Answer, errorAnswer } from './answer.ts';
import { isStreamType, type StreamType, streamTypes } from './event-types.ts';
import type { Host, Identity } from './host.ts';
import { parsePosition, pathOf, queryOf } from './query.ts';
import type { SimulatorRequest } from './requests.ts';

export interface ApiOptions {
  accounts: readonly Account[];
  /** The account whose token acts for every other one through `as-user`. */
  serviceAccount: Account;
  /** The URLs at which a new list of realtime servers says to poll. */
  openChannels: (account: Account, streamType: StreamType) => string[];
  maxRetries: number;
  retryTimeout: number;
  positionType: 'number' | 'string';
}

/** Box's API as far as events need it: `OPTIONS` and `GET` of `/2.0/events`. */
export function createApi(options: ApiOptions): Host {
  const { accounts, serviceAccount } = options;
  const accountsById = new Map(accounts.map((account) => [account.user.id, account]));
  const accountsByToken = new Map(
    [serviceAccount, ...accounts].map((account) => [account.user.token, account]),
  );

  function identify(method: string, url: string, headers: IncomingHttpHeaders): Identity {
    return { kind: kindOf(method, url), userId: authenticate(headers).account?.user.id };
  }

  function answer(request: SimulatorRequest): Answer {
    if (pathOf(request.url) !== eventsPath) return errorAnswer(404, 'not_found', 'Not Found');
    if (request.kind === 'other') {
      return errorAnswer(405, 'method_not_allowed', 'Method Not Allowed', { allow: 'GET, OPTIONS' });
    }
    const { account, refusal } = authenticate(request.headers);
    if (account === undefined) return refusal;
    const query = queryOf(request.url);
    const streamType = query.get('stream_type') ?? 'all';
    if (!isStreamType(streamType)) return badRequest(unsupported(streamType));
    return request.kind === 'servers' ? servers(account, streamType) : events(account, streamType, query);
  }

  function authenticate(headers: IncomingHttpHeaders): Authentication {
    const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return { refusal: unauthorized('Bearer realm="Service"') };
    const bearer = accountsByToken.get(token);
    if (bearer === undefined) return { refusal: unauthorized(invalidToken) };
    const asUser = headers['as-user'];
    if (asUser === undefined) return { account: bearer };
    const account = bearer === serviceAccount ? accountsById.get(String(asUser)) : undefined;
    return account === undefined ? { refusal: cannotActAsUser() } : { account };
  }

  function servers(account: Account, streamType: StreamType): Answer {
    const entries = options.openChannels(account, streamType).map((url) => ({
      type: 'realtime_server',
      url,
      ttl: '10',
      max_retries: String(options.maxRetries),
      retry_timeout: options.retryTimeout,
    }));
    return { status: 200, body: { chunk_size: entries.length, entries } };
  }

  function events({ log }: Account, streamType: StreamType, query: URLSearchParams): Answer {
    const limit = query.get('limit') ?? '100';
    if (!/^\d{1,9}$/.test(limit)) return badRequest(`limit must be a number, not '${limit}'`);
    const from = query.get('stream_position') ?? '0';
    if (from === 'now') return page([], log.position);
    const position = parsePosition(from);
    if (position === undefined) return badRequest(`stream_position must be 'now' or a number, not '${from}'`);
    const { events, position: next } = log.pageAfter(position, streamType, Math.min(Number(limit), 500));
    const entries = events.map(({ json }) => json);
    return page(entries, next);
  }

  /** Written by hand: `JSON.stringify` knows no numbers of 64 bits, and the entries are JSON already. */
  function page(entries: readonly string[], position: bigint): Answer {
    const next = options.positionType === 'string' ? `"${position}"` : position;
    return {
      status: 200,
      body: `{"chunk_size":${entries.length},"next_stream_position":${next},"entries":[${entries.join(',')}]}`,
    };
  }

  return { keepAlive: true, identify, answer };
}

/** For whom a request acts, or the answer that refuses it. */
type Authentication = { account: Account; refusal?: never } | { account?: never; refusal: Answer };

const eventsPath = '/2.0/events';

const invalidToken =
  'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."';

function kindOf(method: string, url: string): SimulatorRequest['kind'] {
  if (pathOf(url) !== eventsPath) return 'other';
  if (method === 'OPTIONS') return 'servers';
  return method === 'GET' ? 'events' : 'other';
}

function unauthorized(challenge: string): Answer {
  return { status: 401, headers: { 'www-authenticate': challenge } };
}

function cannotActAsUser(): Answer {
  return errorAnswer(403, 'cannot_make_as_user_call', 'This token cannot act as this user');
}

function badRequest(message: string): Answer {
  return errorAnswer(400, 'bad_request', message);
}

function unsupported(streamType: string): string {
  return `stream_type '${streamType}' is not supported: the simulator serves ${streamTypes.join(', ')}`;
}
