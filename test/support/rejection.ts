import { expect } from 'vitest';
import { BoxError } from '../../machines/box-error.ts';

/** The `BoxError` that a promise rejects with. Anything else fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<BoxError> {
  const error = await promise.then(
    (value) => expect.fail(`It did not reject, but gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof BoxError) return error;
  throw error;
}
