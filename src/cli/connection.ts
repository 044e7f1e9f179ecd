import type { ServicesOptions } from '../services.ts';
import { CommandError } from './command-error.ts';

/** The Box that a command talks to. */
export interface Connection {
  /** How to ask it. */
  readonly services: ServicesOptions & { readonly apiUrl: string };
  /** Whether it is the embedded simulator, which begins anew each time. */
  readonly isSimulated: boolean;
  close(): Promise<void>;
}

/** What of the environment says which Box it is. */
export interface Environment {
  readonly BOX_TOKEN?: string | undefined;
  readonly BOX_API_URL?: string | undefined;
}

/**
 * Box as `BOX_TOKEN` and `BOX_API_URL` say; without a token, a simulated one with people at work, which runs until it is closed.
 *
 * @param userId Whom to act for, where it is not the token's own user.
 * @throws {CommandError} when the environment cannot be meant so.
 */
export async function connect(environment: Environment, userId?: string): Promise<Connection> {
  const { BOX_TOKEN: token, BOX_API_URL: apiUrl = 'https://api.box.com/2.0' } = environment;
  if (token === undefined) return simulate(environment, userId);
  checkToken(token);
  checkApiUrl(apiUrl);
  return {
    services: { token, apiUrl, asUser: userId !== undefined },
    isSimulated: false,
    close: async () => {},
  };
}

async function simulate({ BOX_API_URL }: Environment, userId: string | undefined): Promise<Connection> {
  if (BOX_API_URL !== undefined) throw misuse('BOX_API_URL is set, but BOX_TOKEN is not.');
  if (userId !== undefined) {
    throw misuse('--user needs BOX_TOKEN, and so does --users: the simulated Box has only made-up users.');
  }
  // Loaded only here: who has a token has no need of it.
  const { createSimulator } = await import('../simulator/index.ts');
  const box = await createSimulator();
  box.startTraffic({ seed: Date.now(), eventsPerMinute: 30 });
  return {
    services: { token: box.token, apiUrl: box.apiUrl },
    isSimulated: true,
    close: () => box.stop(),
  };
}

// An empty one is a mistake, not a wish for the simulator: the command that should have given the token has failed.
function checkToken(token: string): void {
  if (token === '') throw misuse('BOX_TOKEN is empty. Unset it to follow the simulated Box.');
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw misuse(
    'BOX_TOKEN is no access token: it has a space, a line break or another character that no header can carry.',
  );
}

function checkApiUrl(apiUrl: string): void {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search) return;
  throw misuse(
    'BOX_API_URL must be an http(s) URL such as https://api.box.com/2.0, without a user or a query.',
  );
}

function misuse(message: string): CommandError {
  return new CommandError(message, { exitCode: 2 });
}
