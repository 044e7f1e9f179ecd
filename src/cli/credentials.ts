import { clientCredentials } from '../client-credentials.ts';
import type { Token } from '../token.ts';
import { misuse } from './command-error.ts';

/** What of the environment says who asks Box: a token, or an app with client credentials and whom it acts for. */
export interface Credentials {
  readonly BOX_TOKEN?: string | undefined;
  readonly BOX_CLIENT_ID?: string | undefined;
  readonly BOX_CLIENT_SECRET?: string | undefined;
  readonly BOX_USER_ID?: string | undefined;
  readonly BOX_ENTERPRISE_ID?: string | undefined;
}

const app = ['BOX_CLIENT_ID', 'BOX_CLIENT_SECRET'] as const;
const subject = ['BOX_USER_ID', 'BOX_ENTERPRISE_ID'] as const;

/** Whether any of them is set: then it is not the simulated Box that is meant. */
export function hasCredentials(environment: Credentials): boolean {
  return setOf(['BOX_TOKEN', ...app, ...subject], environment).length > 0;
}

/**
 * The token, or the function that gets one at the API's own host.
 *
 * @throws {CommandError} when the environment cannot be meant so; it repeats nothing of it.
 */
export function readCredentials(environment: Credentials, apiUrl: string): Token {
  const others = setOf([...app, ...subject], environment);
  for (const name of [...setOf(['BOX_TOKEN'], environment), ...others]) checkText(name, environment[name]);
  const { BOX_TOKEN: token } = environment;
  if (token === undefined) return readApp(environment, apiUrl);
  if (others[0] === undefined) return token;
  throw misuse(
    `BOX_TOKEN is set, and so is ${others[0]}: set a token, or what gets one, and unset the other.`,
  );
}

function readApp(environment: Credentials, apiUrl: string): Token {
  const { BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret } = environment;
  const { BOX_USER_ID: userId, BOX_ENTERPRISE_ID: enterpriseId } = environment;
  if (clientId === undefined || clientSecret === undefined) {
    const missing = app.filter((name) => environment[name] === undefined).join(' and ');
    const [set] = setOf([...app, ...subject], environment);
    throw misuse(`${set} is set, but ${missing} ${missing.includes(' ') ? 'are' : 'is'} not.`);
  }
  if ((userId === undefined) === (enterpriseId === undefined)) {
    const found = userId === undefined ? 'neither is set' : 'both are set';
    throw misuse(`BOX_CLIENT_ID needs BOX_USER_ID or BOX_ENTERPRISE_ID, whom to act for, and ${found}.`);
  }
  try {
    return clientCredentials({ clientId, clientSecret, userId, enterpriseId, tokenUrl: tokenUrlOf(apiUrl) });
  } catch {
    // All else was looked at above.
    throw misuse(
      'With BOX_CLIENT_ID, BOX_API_URL must be https, or http on this machine: BOX_CLIENT_SECRET goes there.',
    );
  }
}

/** Beside the API: `https://api.box.com/oauth2/token` for `https://api.box.com/2.0`. */
function tokenUrlOf(apiUrl: string): string {
  return new URL('../oauth2/token', `${apiUrl.replace(/\/+$/, '')}/`).href;
}

// An empty one is a mistake, not a wish for the simulator: the command that should have given it has failed.
function checkText(name: keyof Credentials, value: string | undefined): void {
  if (value === '')
    throw misuse(`${name} is empty. Set it, or unset it: without any, the simulated Box is shown.`);
  const isId = name === 'BOX_USER_ID' || name === 'BOX_ENTERPRISE_ID';
  if ((isId ? /^\w+$/ : /^[\x21-\x7e]+$/).test(value ?? '')) return;
  const what = { BOX_TOKEN: 'access token', BOX_CLIENT_ID: 'client id', BOX_CLIENT_SECRET: 'client secret' };
  throw misuse(
    `${name} is no ${isId ? 'id' : what[name]}: it has a space, a line break or another character that does not belong there.`,
  );
}

function setOf<Name extends keyof Credentials>(names: readonly Name[], environment: Credentials): Name[] {
  return names.filter((name) => environment[name] !== undefined);
}
