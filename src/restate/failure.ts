import { BoxError, type BoxErrorDetails } from '../../machines/box-error.ts';

/** An error as Restate keeps it: plain JSON, with its message. */
export interface FailureDetails extends Partial<Omit<BoxErrorDetails, 'cause'>> {
  readonly name: string;
  readonly message: string;
}

/** What an error says, as plain JSON. A `BoxError` keeps what the chart reads of it; of any other error name and message are kept. */
export function describeFailure(error: unknown): FailureDetails {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  if (!(error instanceof BoxError)) return { name, message };
  const { request, transient, status, code, requestId, retryAfter } = error;
  return { name, message, request, transient, status, code, requestId, retryAfter };
}

/** An outcome of a promise that the chart is told of, and that Restate is not to retry. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly details: FailureDetails;

  constructor(details: FailureDetails) {
    super(details.message);
    this.details = details;
  }

  /** What reaches the chart: an `Error` alone would arrive without its message. */
  toJSON(): FailureDetails {
    return this.details;
  }
}
