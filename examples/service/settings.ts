import { join } from 'node:path';
import { type BoxEventsForOptions, clientCredentials, type ServicesOptions } from 'box-events';
import { sqlitePositions } from 'box-events/positions';
import { createSimulator } from 'box-events/simulator';

/** What the environment says. */
export interface Settings {
  /** Whom to follow, who asks Box, and where the positions are kept. */
  readonly follow: Pick<BoxEventsForOptions, 'users' | 'positions'> & ServicesOptions;
  /** Where pages go; to stdout when it is not said. */
  readonly deliverTo: string | undefined;
  /** Where health and metrics are served. */
  readonly host: string;
  readonly port: number;
  /** Lets go of what was opened. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {Error} that says what is wrong with the environment, and repeats no secret of it. */
export async function readSettings(environment: Environment): Promise<Settings> {
  const { DELIVER_TO: deliverTo, HOST: host = '127.0.0.1', PORT: port = '8080' } = environment;
  if (deliverTo !== undefined && !URL.canParse(deliverTo)) throw new Error('DELIVER_TO must be a URL.');
  if (!/^\d{1,5}$/.test(port)) throw new Error('PORT must be a number.');
  const isReal = Object.keys(environment).some((name) => name.startsWith('BOX_'));
  const box = isReal ? readBox(environment) : await simulateBox();
  return { ...box, deliverTo, host, port: Number(port) };
}

function readBox(environment: Environment): Pick<Settings, 'follow' | 'close'> {
  const { BOX_USERS: users, BOX_API_URL: apiUrl, STATE_DIRECTORY: folder = '.' } = environment;
  if (!users) throw new Error('BOX_USERS must name the ids of the users to follow: 12345,67890.');
  const positions = sqlitePositions(join(folder, 'positions.db'));
  return {
    follow: { users: users.split(','), positions, apiUrl, ...readCredentials(environment) },
    close: () => positions.close(),
  };
}

// With an enterprise, one token acts for all users; without, each has their own. A BOX_TOKEN ends after an hour: it is for a first try.
function readCredentials(environment: Environment): Pick<ServicesOptions, 'token' | 'asUser'> {
  const { BOX_TOKEN: token, BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret } = environment;
  const { BOX_ENTERPRISE_ID: enterpriseId, BOX_TOKEN_URL: tokenUrl } = environment;
  if (token) return { token, asUser: true };
  if (!clientId || !clientSecret) throw new Error('BOX_CLIENT_ID and BOX_CLIENT_SECRET must be set.');
  return {
    token: clientCredentials({ clientId, clientSecret, enterpriseId, tokenUrl }),
    asUser: enterpriseId !== undefined,
  };
}

/** A Box of its own, in which three people work. It forgets all when it ends, so no position is kept. */
async function simulateBox(): Promise<Pick<Settings, 'follow' | 'close'>> {
  const box = await createSimulator({ users: 3 });
  box.startTraffic({ eventsPerMinute: 60 });
  const users = box.users.map(({ id }) => id);
  return {
    follow: { users, token: box.serviceToken, asUser: true, apiUrl: box.apiUrl },
    close: () => box.stop(),
  };
}
