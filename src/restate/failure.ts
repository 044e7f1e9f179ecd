import { TerminalError } from '@restatedev/restate-sdk';
import { BoxError, type BoxErrorDetails } from '../../machines/box-error.ts';

/** An error as Restate keeps it: plain JSON, with its message. */
export interface FailureDetails extends Partial<Omit<BoxErrorDetails, 'cause'>> {
  /** `BoxError`, `TerminalError`, or what the error was called. */
  readonly name: string;
  /** What failed, and what to do. */
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

/** A failure that the chart is told of. It is terminal to Restate: the chart says what follows. */
export class Failure extends TerminalError {
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
