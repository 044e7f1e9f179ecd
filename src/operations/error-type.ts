import type { BoxRequest } from '../../machines/box-error.ts';
import { property } from '../property.ts';

/**
 * What kind of error it is, in one word of few: the status of Box's answer, `timeout`, the network's code (`ECONNREFUSED`), `no_news`,
 * `invalid_answer`; of another error its name. Nothing of it can grow without end, nor hold an id.
 */
export function errorTypeOf(error: unknown): string {
  const status = property(error, 'status');
  // 0 is what browsers say of a redirect that is not followed.
  if (status === 0) return 'redirect';
  if (typeof status === 'number') return isStatus(status) ? String(status) : other;
  const code = property(error, 'code');
  if (typeof code === 'string') return isWord(code) ? code : other;
  const name = property(property(error, 'cause'), 'name') ?? property(error, 'name');
  if (name === 'DeadlineError') return 'timeout';
  if (name === 'BoxError') return property(error, 'request') === 'token' ? other : 'invalid_answer';
  return typeof name === 'string' && isWord(name) ? name : other;
}

/** Which request an error is about; nothing when it is none of Box. */
export function requestOf(error: unknown): BoxRequest | undefined {
  const request = property(error, 'request');
  return request === 'token' || request === 'servers' || request === 'poll' || request === 'events'
    ? request
    : undefined;
}

const other = '_OTHER';

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 599;
}

function isWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z_]{1,39}$/.test(text);
}
