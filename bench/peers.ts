import { type Peer, startPeer } from './calls.ts';
import type { ClientName } from './client-names.ts';
import type { ClientCalls } from './client-process.ts';
import type { PagesCalls } from './servers/pages-process.ts';
import type { SimulatorCalls } from './servers/simulator-process.ts';

// The processes run what was built, as an application does: to strip types takes time that is not theirs.
const built = new URL('../dist/bench/', import.meta.url);

/** A client in a process of its own. */
export function startClient(name: ClientName, url: string): Peer<ClientCalls> {
  return startPeer(new URL('client-process.js', built), [name, url], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

/** A Box with `events` ready-made events, of which `waiting` have happened already. Its API answers after `latency` milliseconds. */
export function startPages(events: number, waiting: number, { latency = 0 } = {}): Peer<PagesCalls> {
  const given = [events, waiting, latency].map(String);
  return startPeer(new URL('servers/pages-process.js', built), given);
}

/** The simulator; `waves` has it hold polls until it is told to answer `reconnect` to them. */
export function startSimulator({ users = 1, waves = false } = {}): Peer<SimulatorCalls> {
  return startPeer(new URL('servers/simulator-process.js', built), [String(users), waves ? 'waves' : '']);
}
