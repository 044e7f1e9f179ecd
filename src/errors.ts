import { BoxError, type BoxRequest } from '../machines/box-error.ts';
import { codeOf, innermost, isNetworkFailure, oauthCodeOf, retryAfterOf, statusOf } from './foreign-error.ts';
import type { Hide } from './hiding.ts';
import { field } from './property.ts';
import { readRetryAfter } from './retry-after.ts';
import { invalidProxy } from './transport/fetch.ts';

const names: Record<BoxRequest, string> = {
  token: 'POST /oauth2/token',
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

// https://developer.box.com/guides/authentication/client-credentials and …/guides/api-calls/permissions-and-errors/common-errors
const tokenAdvice = new Map([
  ['invalid_client', "Check clientId and clientSecret: Box's Developer Console shows both."],
  [
    'invalid_grant',
    'Check clientId, clientSecret and whom to act for: for the enterprise, enterpriseId must be its own; for a user, the app must be allowed to generate user access tokens. After each change to the app an admin must authorize it anew.',
  ],
  [
    'unauthorized_client',
    "The app must be one with client credentials, and authorized by an admin of the enterprise in Box's Admin Console.",
  ],
]);

/** The error of an answer with a status that is no success. Of the answer it keeps what helps, and nothing that could hold a key. */
export function statusError(
  request: BoxRequest,
  { status, headers }: Response,
  { text, hide = (said) => said }: { text: string; hide?: Hide },
): BoxError {
  // A realtime server's 4xx is about its URL alone: another one may be good.
  const transient = request === 'poll' || status < 400 || status === 408 || status === 429 || status >= 500;
  // Some servers repeat the request in what they say about it, and with it what is to be hidden.
  const { code, message, requestId } = request === 'poll' ? {} : readErrorBody(text, hide);
  const said = [code, message].filter((part) => part !== undefined).join(', ');
  const hint = transient ? undefined : adviceFor(request, { status, code });
  return new BoxError(
    `${names[request]} was answered with ${describeStatus(status)}${said && ` (${said})`}.${hint ? ` ${hint}` : ''}`,
    {
      request,
      transient,
      status,
      code,
      requestId: requestId ?? readWord(headers.get('box-request-id'), hide),
      retryAfter: readRetryAfter(headers),
    },
  );
}

/** The error of an answer that is not what Box documents. It may pass: a proxy or a portal may have answered. */
export function shapeError(request: BoxRequest, what: string): BoxError {
  return new BoxError(`${names[request]} was answered with ${what}.`, { request, transient: true });
}

/** The error of a request that got no whole answer. It may pass, unless a proxy variable is wrong. */
export function networkError(request: BoxRequest, error: unknown, hide: Hide = (said) => said): BoxError {
  const cause = bareOf(innermost(error), hide);
  const code = codeOf(cause);
  return new BoxError(`${names[request]} failed: ${cause.message}.`, {
    request,
    transient: code !== invalidProxy,
    code,
    cause,
  });
}

// Node keeps what the server sent, Bun keeps the URL, Deno says it: each may hold a key.
function bareOf(cause: unknown, hide: Hide): Error {
  const code = codeOf(cause);
  const said = cause instanceof Error && cause.message ? cause.message : (code ?? 'the network failed');
  const bare = new Error(hide(said).replace(/\b[a-z][a-z+.-]*:\/\/[^\s)]+/gi, '(URL)'));
  if (cause instanceof Error) bare.name = cause.name;
  return code === undefined ? bare : Object.assign(bare, { code });
}

/**
 * The error of a token function. Its own error is not kept, nor its message: it may hold a secret. A network error, 429 or 5xx may
 * pass, all else will not.
 */
export function tokenError(error: unknown): BoxError {
  const status = statusOf(error);
  const oauthCode = oauthCodeOf(error);
  const code = oauthCode ?? codeOf(innermost(error));
  const transient =
    status === undefined ? isNetworkFailure(error) : status === 408 || status === 429 || status >= 500;
  const what =
    status !== undefined
      ? `with status ${status}${oauthCode === undefined ? '' : ` (${oauthCode})`}`
      : (code ?? (error instanceof Error ? error.name : 'without an Error'));
  return new BoxError(
    `The token function failed: ${what}.${transient ? '' : ' Check its credentials; its own error is not repeated here, for it may hold them.'}`,
    { request: 'token', transient, status, code, retryAfter: retryAfterOf(error) },
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

function adviceFor(
  request: BoxRequest,
  { status, code }: { status: number; code: string | undefined },
): string | undefined {
  if (request !== 'token') return advice.get(status);
  return tokenAdvice.get(code ?? '') ?? 'Check tokenUrl, and that the app is one with client credentials.';
}

/**
 * What Box says about an error: the API as https://developer.box.com/reference/resources/client-error has it, the token endpoint as
 * https://developer.box.com/reference/resources/oauth2-error does.
 */
function readErrorBody(
  text: string,
  hide: Hide,
): { code?: string | undefined; message?: string | undefined; requestId?: string | undefined } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  const read = (...names: string[]) =>
    names.map((name) => readWord(field(body, name), hide)).find((word) => word !== undefined);
  return {
    code: read('code', 'error'),
    message: read('message', 'error_description'),
    requestId: read('request_id'),
  };
}

function readWord(value: unknown, hide: Hide): string | undefined {
  if (typeof value !== 'string') return undefined;
  // One line of a sensible length, without anything that a terminal would obey.
  const word = hide(value)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .slice(0, 200);
  return word === '' ? undefined : word;
}
