import { expect, test } from 'vitest';
import { BoxError } from '../machines/box-error.ts';
import { DeadlineError } from '../src/deadline.ts';
import { errorTypeOf, requestOf } from '../src/operations/error-type.ts';

const boxError = (details: object) => new BoxError('', { request: 'events', transient: true, ...details });
const named = (name: string) => Object.assign(new Error('It says a secret.'), { name });

test.each([
  [boxError({ status: 503, code: 'internal_server_error' }), '503'],
  [boxError({ status: 0 }), 'redirect'],
  [boxError({ code: 'ECONNRESET', cause: new Error('x') }), 'ECONNRESET'],
  [boxError({ cause: new DeadlineError(30_000) }), 'timeout'],
  [boxError({}), 'invalid_answer'],
  [boxError({ request: 'token' }), '_OTHER'],
  [named('DiskFullError'), 'DiskFullError'],
  [new TypeError('x'), 'TypeError'],
])('an error is of a kind, in a word: %o', (error, type) => {
  expect(errorTypeOf(error)).toBe(type);
});

test.each([
  [named('User 17738362001 is unknown')],
  [boxError({ code: 'refused-17738362001' })],
  [boxError({ code: 'x'.repeat(41) })],
  [{ status: 17_738_362_001 }],
  [{ status: Number.NaN }],
  ['a text'],
  [undefined],
])('what could be any word is of no kind: %o', (error) => {
  expect(errorTypeOf(error)).toBe('_OTHER');
});

test('an error is about a request when it says so, in a word that is one', () => {
  expect(requestOf(boxError({}))).toBe('events');
  expect(requestOf({ request: '/users/17738362001' })).toBeUndefined();
  expect(requestOf(new Error())).toBeUndefined();
});
