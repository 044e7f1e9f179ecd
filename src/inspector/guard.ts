import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What every answer says to the browser: nothing but our own files, in no frame, kept nowhere. */
export const safeHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** Why a request is refused, as a status and a sentence. */
export interface Refusal {
  readonly status: 403 | 405 | 415;
  readonly reason: string;
}

/**
 * Refuses whatever does not come from our own page: a name that was made to lead to this machine (the `Host` header says it), another
 * page (`Origin`, `Sec-Fetch-Site`), and an action that does not carry the page's token.
 */
export function refuse(request: IncomingMessage, token: string): Refusal | undefined {
  const { method, headers } = request;
  const { host = '', origin } = headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) {
    return { status: 403, reason: 'This page is for this machine only.' };
  }
  if (origin !== undefined && origin !== `http://${host}`) return foreign;
  if (method === 'GET') return isForeignFetch(request) ? foreign : undefined;
  if (method !== 'POST') return { status: 405, reason: 'Only GET and POST.' };
  if (origin === undefined || !isSame(headers['x-inspector-token'], token)) return foreign;
  if (headers['content-type'] !== 'application/json') return { status: 415, reason: 'Only JSON.' };
  return undefined;
}

const foreign: Refusal = { status: 403, reason: 'Only for the page of the inspector itself; reload it.' };

// A link may lead here; a picture, a script or a request of another page may not.
function isForeignFetch({ headers, url }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !(
    url === '/' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

function isSame(given: string | string[] | undefined, token: string): boolean {
  if (typeof given !== 'string' || given.length !== token.length) return false;
  return timingSafeEqual(Buffer.from(given.padEnd(token.length)), Buffer.from(token));
}
