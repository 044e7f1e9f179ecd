import { BoxError, type BoxRequest } from '../machines/box-error.ts';
import { readRetryAfter } from './retry-after.ts';

const names: Record<BoxRequest, string> = {
  token: 'The token function',
  servers: 'OPTIONS /events',
  poll: 'The long poll',
  events: 'GET /events',
};

const advice = new Map([
  [400, 'Is the stream position one that Box gave to this user?'],
  [401, 'Box refused the token: it expired, was revoked, or is no token of this environment.'],
  [403, 'The token may not do this: check the scopes of the application, and as-user.'],
  [404, 'Check apiUrl and userId.'],
]);

/** The error of an answer with a status that is no success. Of the answer it keeps what helps, and nothing that could hold a key. */
export function statusError(
  request: BoxRequest,
  { status, headers }: Response,
  { text, secret }: { text: string; secret?: string },
): BoxError {
  // A realtime server's 4xx is about its URL alone: another one may be good.
  const transient = request === 'poll' || status < 400 || status === 408 || status === 429 || status >= 500;
  // Some servers repeat the request in what they say about it.
  const hide = (said: string | undefined) =>
    secret === undefined ? said : said?.replaceAll(secret, '(token)');
  const body = request === 'poll' ? {} : readErrorBody(text);
  const [code, message] = [hide(body.code), hide(body.message)];
  const said = [code, message].filter((part) => part !== undefined).join(', ');
  const hint = transient ? undefined : advice.get(status);
  return new BoxError(
    `${names[request]} was answered with ${describeStatus(status)}${said && ` (${said})`}.${hint ? ` ${hint}` : ''}`,
    {
      request,
      transient,
      status,
      code,
      requestId: hide(body.requestId ?? headers.get('box-request-id') ?? undefined),
      retryAfter: readRetryAfter(headers),
    },
  );
}

/** The error of an answer that is not what Box documents. It may pass: a proxy or a portal may have answered. */
export function shapeError(request: BoxRequest, what: string): BoxError {
  return new BoxError(`${names[request]} was answered with ${what}.`, { request, transient: true });
}

/** The error of a request that got no whole answer. */
export function networkError(request: BoxRequest, error: unknown): BoxError {
  const cause = bareOf(innermost(error));
  return new BoxError(`${names[request]} failed: ${cause.message}.`, {
    request,
    transient: true,
    code: codeOf(cause),
    cause,
  });
}

// Node keeps what the server sent, Bun keeps the URL, Deno says it: each may hold a key.
function bareOf(cause: unknown): Error {
  const code = codeOf(cause);
  const said = cause instanceof Error && cause.message ? cause.message : (code ?? 'the network failed');
  const bare = new Error(said.replace(/\b[a-z][a-z+.-]*:\/\/[^\s)]+/gi, '(URL)'));
  if (cause instanceof Error) bare.name = cause.name;
  return code === undefined ? bare : Object.assign(bare, { code });
}

/**
 * The error of a token function. Its own error is not kept, nor its message: it may hold a secret. A network error, 429 or 5xx may
 * pass, all else will not.
 */
export function tokenError(error: unknown): BoxError {
  const status = statusOf(error);
  const code = codeOf(innermost(error));
  const transient =
    status === undefined ? isNetworkFailure(error) : status === 408 || status === 429 || status >= 500;
  const what =
    status !== undefined
      ? `with status ${status}`
      : (code ?? (error instanceof Error ? error.name : 'without an Error'));
  return new BoxError(
    `The token function failed: ${what}.${transient ? '' : ' Check its credentials; its own error is not repeated here, for it may hold them.'}`,
    { request: 'token', transient, status, code },
  );
}

/** The error of a token function that gave something else than a token. */
export function noTokenError(what: string): BoxError {
  return new BoxError(`The token function must give a token, and gave ${what}.`, {
    request: 'token',
    transient: false,
  });
}

function describeStatus(status: number): string {
  if (status === 0) return 'a redirect, which is not followed';
  return status >= 300 && status < 400 ? `${status}, a redirect, which is not followed` : String(status);
}

// https://developer.box.com/reference/resources/client-error
function readErrorBody(text: string): { code?: string; message?: string; requestId?: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  const [code, message, requestId] = ['code', 'message', 'request_id'].map((name) => readWord(body, name));
  return { ...(code && { code }), ...(message && { message }), ...(requestId && { requestId }) };
}

function readWord(body: unknown, name: string): string | undefined {
  const value = property(body, name);
  // One line of a sensible length, without anything that a terminal would obey.
  return typeof value === 'string'
    ? value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 200)
    : undefined;
}

function innermost(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 8; depth++) {
    const next = property(cause, 'cause') ?? property(cause, 'error');
    if (next === undefined || next === null) break;
    cause = next;
  }
  return cause;
}

function codeOf(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

// Where clients keep the status of the answer behind their error: ky and fetch wrappers, axios, Box's SDKs 3 and 10.
function statusOf(error: unknown): number | undefined {
  const candidates = [
    property(error, 'status'),
    property(error, 'statusCode'),
    property(property(error, 'response'), 'status'),
    property(property(error, 'response'), 'statusCode'),
    property(property(error, 'responseInfo'), 'statusCode'),
  ];
  return candidates.find((candidate) => typeof candidate === 'number');
}

// As Node, undici, browsers, Deno and ky say it, also where a client keeps it behind an error of its own.
function isNetworkFailure(error: unknown): boolean {
  const cause = innermost(error);
  const code = codeOf(cause);
  if (code !== undefined && /^(E[A-Z]+|UND_ERR_\w+|ERR_TLS\w*|CERT_\w+)$/.test(code)) return true;
  return [error, cause].some(
    (one) =>
      one instanceof Error &&
      (one.name === 'TimeoutError' ||
        (one.name === 'TypeError' && /fetch|network|sending request|load failed/i.test(one.message))),
  );
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
