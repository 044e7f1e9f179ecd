import { property } from './property.ts';
import { readRetryAfter } from './retry-after.ts';

// What errors of other libraries say of themselves. Their messages, and all else that they hold, may hold a secret.

const oauthCodes = new Set([
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
]);

/** The error at the end of the causes, which may be the error itself. */
export function innermost(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 8; depth++) {
    const next = property(cause, 'cause') ?? property(cause, 'error');
    if (typeof next !== 'object' || next === null) break;
    cause = next;
  }
  return cause;
}

/** Its own code. */
export function codeOf(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** The status of the answer behind an error, where clients keep it: ky and fetch wrappers, axios, Box's SDKs 3 and 10. */
export function statusOf(error: unknown): number | undefined {
  const candidates = [
    property(error, 'status'),
    property(error, 'statusCode'),
    property(property(error, 'response'), 'status'),
    property(property(error, 'response'), 'statusCode'),
    property(property(error, 'responseInfo'), 'statusCode'),
  ];
  return candidates.find((candidate) => typeof candidate === 'number');
}

/** What OAuth calls it, where clients keep that: Box's SDKs 10 and 3, axios, OAuth libraries. Only a word that OAuth knows. */
export function oauthCodeOf(error: unknown): string | undefined {
  const candidates = [
    property(property(property(error, 'responseInfo'), 'body'), 'error'),
    property(property(property(error, 'response'), 'body'), 'error'),
    property(property(property(error, 'response'), 'data'), 'error'),
    property(error, 'error'),
  ];
  return candidates.find((word): word is string => typeof word === 'string' && oauthCodes.has(word));
}

/** How long the answer behind an error asks to wait, in milliseconds. */
export function retryAfterOf(error: unknown): number | undefined {
  const headers =
    property(property(error, 'response'), 'headers') ?? property(property(error, 'responseInfo'), 'headers');
  if (headers instanceof Headers) return readRetryAfter(headers);
  if (typeof headers !== 'object' || headers === null) return undefined;
  const named = ['retry-after', 'date'].flatMap((name): [string, string][] => {
    const value: unknown = Object.entries(headers).find(([other]) => other.toLowerCase() === name)?.[1];
    return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? [[name, value]] : [];
  });
  return readRetryAfter(new Headers(named));
}

/** Whether the network failed: as Node, undici, browsers, Deno and ky say it, also where a client keeps it behind its own error. */
export function isNetworkFailure(error: unknown): boolean {
  const cause = innermost(error);
  const code = codeOf(cause);
  if (code !== undefined && networkCodes.some((pattern) => pattern.test(code))) return true;
  return [error, cause].some(
    (one) =>
      one instanceof Error &&
      (one.name === 'TimeoutError' ||
        (one.name === 'TypeError' && /fetch|network|sending request|load failed/i.test(one.message)) ||
        // All that box-node-sdk says of a timeout of its own.
        /^Connection timeout after \d+ms$/.test(one.message)),
  );
}

// Of the system and its resolver, of undici, of Node's parser and streams, of OpenSSL, of axios in browsers.
const networkCodes = [
  /^E[A-Z]+$/,
  /^EAI_[A-Z]+$/,
  /^UND_ERR_\w+$/,
  /^HPE_\w+$/,
  /^ERR_STREAM_PREMATURE_CLOSE$/,
  /^ERR_(TLS|SSL)\w*$/,
  /^(CERT|UNABLE_TO|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT)\w*$/,
  /^ERR_NETWORK$/,
];
