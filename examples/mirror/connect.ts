/** The Box to mirror, and where to. */
export interface Connection {
  readonly token: string;
  readonly apiUrl: string;
  readonly database: string;
  close(): Promise<void>;
}

/**
 * What the environment says: `BOX_TOKEN`, `BOX_API_URL` (by default Box's own) and `MIRROR_DATABASE` (by default `mirror.db`). Without a
 * token it is a simulated Box with people at work, mirrored into `simulated.db`.
 */
export async function connect(environment: NodeJS.ProcessEnv): Promise<Connection> {
  const {
    BOX_TOKEN: token,
    BOX_API_URL: apiUrl = 'https://api.box.com/2.0',
    MIRROR_DATABASE: database,
  } = environment;
  if (token !== undefined) return { token, apiUrl, database: database ?? 'mirror.db', close: async () => {} };
  // A token that is missing by mistake must not fill a real mirror with what is made up.
  const setting = ['MIRROR_DATABASE', 'BOX_API_URL'].find((name) => environment[name] !== undefined);
  if (setting !== undefined) throw new Error(`${setting} is set, but BOX_TOKEN is not.`);
  const { createSimulator } = await import('box-events/simulator');
  // Each time another one: events of the run before must not look like repetitions of these.
  const box = await createSimulator({ seed: Date.now() });
  box.startTraffic({ seed: Date.now(), eventsPerMinute: 120 });
  return { token: box.token, apiUrl: box.apiUrl, database: 'simulated.db', close: () => box.stop() };
}
