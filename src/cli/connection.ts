import type { ServicesOptions } from '../services.ts';
import { misuse } from './command-error.ts';
import { type Credentials, hasCredentials, readCredentials } from './credentials.ts';

/** The Box that a command talks to. */
export interface Connection {
  /** How to ask it. */
  readonly services: ServicesOptions & { readonly apiUrl: string };
  /** Whether it is the embedded simulator, which begins anew each time. */
  readonly isSimulated: boolean;
  close(): Promise<void>;
}

/** What of the environment says which Box it is. */
export interface Environment extends Credentials {
  readonly BOX_API_URL?: string | undefined;
}

/**
 * Box as the environment says; without a token, or what gets one, a simulated one with people at work, which runs until it is closed.
 *
 * @param userId Whom to act for, where it is not the token's own user.
 * @throws {CommandError} when the environment cannot be meant so.
 */
export async function connect(environment: Environment, userId?: string): Promise<Connection> {
  const { BOX_API_URL: apiUrl = 'https://api.box.com/2.0' } = environment;
  checkSimulated(environment, userId);
  if (!hasCredentials(environment)) return simulate();
  checkApiUrl(apiUrl);
  const token = readCredentials(environment, apiUrl);
  return {
    services: { token, apiUrl, asUser: userId !== undefined },
    isSimulated: false,
    close: async () => {},
  };
}

/** @throws {CommandError} when it is the simulated Box that is to be followed, and more is asked of it than it has. */
export function checkSimulated(environment: Environment, userId: string | undefined): void {
  if (hasCredentials(environment)) return;
  if (environment.BOX_API_URL !== undefined) {
    throw misuse('BOX_API_URL is set, but BOX_TOKEN is not, nor BOX_CLIENT_ID.');
  }
  if (userId !== undefined) {
    throw misuse(
      'A user of yours needs BOX_TOKEN or BOX_CLIENT_ID: the simulated Box has only made-up ones.',
    );
  }
}

async function simulate(): Promise<Connection> {
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

function checkApiUrl(apiUrl: string): void {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  const isBare = url && !url.username && !url.password && !url.search && !url.hash;
  if (isBare && /^https?:$/.test(url.protocol)) return;
  throw misuse(
    'BOX_API_URL must be an http(s) URL such as https://api.box.com/2.0, without a user, a query or a fragment.',
  );
}
