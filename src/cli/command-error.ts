import { BoxError } from '../../machines/box-error.ts';
import { oneLine } from '../one-line.ts';

/** An error that the user of the command line can do something about; its message, of one line, says what. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 1 is a failure, 2 a wrong use of the command line. */
  readonly exitCode: 1 | 2;

  constructor(message: string, { exitCode, cause }: { exitCode: 1 | 2; cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** What an error says to the user of the command line, in one line. */
export function describeError(error: unknown): string {
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const advice = error instanceof BoxError && !error.transient ? adviceFor(error) : undefined;
  return advice ? `${message} ${advice}` : message;
}

/** An error that says how the command line or the environment is wrong. */
export function misuse(message: string): CommandError {
  return new CommandError(message, { exitCode: 2 });
}

/** Ends the command with what an error says. */
export function failWith(error: unknown): never {
  throw new CommandError(describeError(error), { exitCode: 1, cause: error });
}

function adviceFor({ request, status = 0 }: BoxError): string | undefined {
  return request === 'token' ? tokenAdvice : advices.get(status);
}

const tokenAdvice = 'Here they are BOX_CLIENT_ID, BOX_CLIENT_SECRET, and BOX_USER_ID or BOX_ENTERPRISE_ID.';

const advices = new Map([
  [400, 'Check --from or the position file.'],
  [401, 'Set BOX_TOKEN to a fresh access token, or have BOX_CLIENT_ID get one.'],
  [404, 'Here they are BOX_API_URL and --user.'],
]);
