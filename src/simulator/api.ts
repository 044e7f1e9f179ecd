import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from './account.ts';
import { type Answer, errorAnswer } from './answer.ts';
import type { Application } from './application.ts';
import { EventPages } from './event-pages.ts';
import { isStreamType, type StreamType, streamTypes } from './event-types.ts';
import type { Fault } from './fault.ts';
import { isCounted } from './fault-schedule.ts';
import type { Host, Identity } from './host.ts';
import { pathOf, queryOf } from './query.ts';
import type { SimulatorRequest } from './requests.ts';
import { TokenEndpoint } from './token-endpoint.ts';
import type { Tokens } from './tokens.ts';

export interface ApiOptions {
  accounts: readonly Account[];
  /** The account whose token acts for every other one through `as-user`. */
  serviceAccount: Account;
  tokens: Tokens;
  /** The app that may ask for tokens. */
  application: Application;
  /** How long a token holds, in seconds. */
  expiresIn: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The URLs at which a new list of realtime servers says to poll. */
  openChannels: (account: Account, streamType: StreamType) => string[];
  maxRetries: number;
  retryTimeout: number;
  positionType: 'number' | 'string';
}

/** Box's API as far as events need it: `OPTIONS` and `GET` of `/2.0/events`, and tokens at `POST /oauth2/token`. */
export function createApi(options: ApiOptions): Host {
  const { accounts, serviceAccount, tokens } = options;
  const accountsById = new Map(accounts.map((account) => [account.user.id, account]));
  const pages = new EventPages(options.positionType);
  const tokenEndpoint = new TokenEndpoint({ ...options, accountsById });
  const expired = new WeakMap<Fault, Set<Account>>();

  function identify(method: string, url: string, headers: IncomingHttpHeaders, body: string): Identity {
    const kind = kindOf(method, url);
    const account = kind === 'token' ? tokenEndpoint.accountOf(headers, body) : authenticate(headers).account;
    return { kind, userId: account?.user.id };
  }

  function answer(request: SimulatorRequest, faults: readonly Fault[], body: string): Answer {
    if (request.kind === 'token') return tokenEndpoint.answer(request.headers, body);
    if (pathOf(request.url) !== eventsPath) return errorAnswer(404, 'not_found', 'Not Found');
    if (request.kind === 'other') {
      return errorAnswer(405, 'method_not_allowed', 'Method Not Allowed', { allow: 'GET, OPTIONS' });
    }
    endTokens(request, faults);
    const { account, refusal } = authenticate(request.headers);
    if (refusal !== undefined) return refusal;
    const query = queryOf(request.url);
    const streamType = query.get('stream_type') ?? 'all';
    if (!isStreamType(streamType)) return errorAnswer(400, 'bad_request', unsupported(streamType));
    return request.kind === 'servers'
      ? servers(account, streamType, faults)
      : pages.answer({ log: account.log, streamType, query, faults });
  }

  function authenticate(headers: IncomingHttpHeaders): Authentication {
    const token = tokenOf(headers);
    if (token === undefined) return { refusal: unauthorized('Bearer realm="Service"') };
    const bearer = tokens.accountOf(token);
    if (bearer === undefined) return { refusal: unauthorized(invalidToken) };
    if (!tokens.holds(token)) return { account: bearer, refusal: unauthorized(invalidToken) };
    const asUser = headers['as-user'];
    if (asUser === undefined) return { account: bearer };
    const account = bearer === serviceAccount ? accountsById.get(String(asUser)) : undefined;
    return account === undefined ? { refusal: cannotActAsUser() } : { account };
  }

  function endTokens({ headers }: SimulatorRequest, faults: readonly Fault[]): void {
    const token = tokenOf(headers) ?? '';
    const bearer = tokens.accountOf(token);
    for (const fault of faults) {
      if (fault.what !== 'expireToken' || !bearer) continue;
      // Without a count, it is the token of before that has expired; a new one holds.
      const ended = expired.get(fault) ?? new Set();
      if (isCounted(fault) || !ended.has(bearer)) tokens.expire(token);
      expired.set(fault, ended.add(bearer));
    }
    if (bearer && faults.some(({ what }) => what === 'revokeToken')) tokens.revoke(bearer);
  }

  function servers(account: Account, streamType: StreamType, faults: readonly Fault[]): Answer {
    const urls = options.openChannels(account, streamType);
    const isFirstDead = faults.some(({ what }) => what === 'deadServer');
    const entries = (isFirstDead ? [deadUrl, ...urls] : urls).map((url) => ({
      type: 'realtime_server',
      url,
      ttl: '10',
      max_retries: String(options.maxRetries),
      retry_timeout: options.retryTimeout,
    }));
    return { status: 200, body: { chunk_size: entries.length, entries } };
  }

  return { name: 'api', keepAlive: true, identify, answer };
}

/** For whom a request acts, as far as that is known, and the answer that refuses it. */
type Authentication = { account: Account; refusal?: undefined } | { account?: Account; refusal: Answer };

/** The port `discard`, where hardly anybody listens any more. */
const deadUrl = 'http://127.0.0.1:9/subscribe?channel=dead&stream_type=all';

const eventsPath = '/2.0/events';
const tokenPath = '/oauth2/token';

const invalidToken =
  'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."';

function kindOf(method: string, url: string): SimulatorRequest['kind'] {
  if (pathOf(url) === tokenPath && method === 'POST') return 'token';
  if (pathOf(url) !== eventsPath) return 'other';
  if (method === 'OPTIONS') return 'servers';
  return method === 'GET' ? 'events' : 'other';
}

function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
}

function unauthorized(challenge: string): Answer {
  return { status: 401, headers: { 'www-authenticate': challenge } };
}

function cannotActAsUser(): Answer {
  return errorAnswer(403, 'cannot_make_as_user_call', 'This token cannot act as this user');
}

function unsupported(streamType: string): string {
  return `stream_type '${streamType}' is not supported: the simulator serves ${streamTypes.join(', ')}`;
}
