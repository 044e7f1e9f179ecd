import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

const idleConnectionKept = 4_000;
const heldConnectionProbed = 60_000;
const connectingAllowed = 10_000;

/** What keeps the connections, by the protocol that is spoken to the server. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * Agents that obey the proxy variables as they are set now. A connection that has not come about within 10 s is given up, TLS and the
 * proxy included: a poll has no other limit until its own end.
 */
export function createAgents(): Agents {
  const { http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY = '' } = process.env;
  const options = {
    keepAlive: true,
    keepAliveMsecs: heldConnectionProbed,
    timeout: idleConnectionKept,
    proxyEnv: {
      HTTP_PROXY: readProxy(http_proxy ?? HTTP_PROXY),
      HTTPS_PROXY: readProxy(https_proxy ?? HTTPS_PROXY),
      // A proxy elsewhere cannot reach this machine's loopback. Node takes commas only, and no brackets.
      NO_PROXY: `${(no_proxy ?? NO_PROXY).replace(/\s+/g, ',')},localhost,127.0.0.0-127.255.255.255,::1`,
    },
  };
  return { http: new LimitedHttpAgent(options), https: new LimitedHttpsAgent(options) };
}

// `proxy.example:8080` is how people write it, and curl takes it. Node would go past what does not begin with `http`, without a word.
function readProxy(value = ''): string {
  const proxy = value.trim();
  if (proxy === '') return '';
  return proxy.includes('://') ? proxy.replace(/^\w+/, (scheme) => scheme.toLowerCase()) : `http://${proxy}`;
}

type Connected = (error: Error | null, connection: Duplex) => void;

class LimitedHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const connection = super.createConnection(options, connected);
    if (connection) endLimit(connection, limit(connection));
    return connection;
  }
}

class LimitedHttpsAgent extends HttpsAgent {
  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    // Only what goes through a proxy is told of by a callback. Node forgets the connection to a proxy that refuses, and leaves it open.
    const connection = super.createConnection({ ...options, timeout: connectingAllowed }, (error, tunnel) => {
      clearTimeout(timer);
      if (error) connection?.destroy();
      connected?.(error, tunnel);
    });
    const timer = connection ? limit(connection) : undefined;
    if (connection instanceof TLSSocket) endLimit(connection, timer);
    return connection;
  }
}

function limit(connection: Duplex): NodeJS.Timeout {
  return setTimeout(() => {
    const error = new Error(`no connection within ${connectingAllowed / 1_000} s`);
    connection.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  }, connectingAllowed);
}

/** Ends the limit once the connection is there, or will never be. */
function endLimit(connection: Duplex, timer: NodeJS.Timeout | undefined): void {
  const connected = connection instanceof TLSSocket ? 'secureConnect' : 'connect';
  const end = () => {
    clearTimeout(timer);
    connection.off(connected, end).off('close', end);
  };
  connection.on(connected, end).on('close', end);
}
