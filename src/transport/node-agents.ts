import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { invalidProxy } from './fetch.ts';

const idleConnectionKept = 4_000;
const heldConnectionProbed = 60_000;
const connectingAllowed = 10_000;

/**
 * What keeps the connections to where a URL points.
 *
 * @throws {Error} with the code {@link invalidProxy} when a variable names a proxy that Node does not know.
 */
export type AgentOf = (url: URL) => HttpAgent;

/**
 * Agents that obey the proxy variables as they are set now. A connection that has not come about within 10 s is given up, TLS and the
 * proxy included: a poll has no other limit until its own end.
 */
export function createAgents(): AgentOf {
  const { http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY = '' } = process.env;
  const proxies = {
    HTTP_PROXY: readProxy(http_proxy ?? HTTP_PROXY),
    HTTPS_PROXY: readProxy(https_proxy ?? HTTPS_PROXY),
  };
  const options = {
    keepAlive: true,
    keepAliveMsecs: heldConnectionProbed,
    timeout: idleConnectionKept,
    proxyEnv: {
      HTTP_PROXY: proxies.HTTP_PROXY.url,
      HTTPS_PROXY: proxies.HTTPS_PROXY.url,
      // A proxy elsewhere cannot reach this machine's loopback. Node takes commas only, and no brackets.
      NO_PROXY: `${(no_proxy ?? NO_PROXY).replace(/\s+/g, ',')},localhost,127.0.0.0-127.255.255.255,::1`,
    },
  };
  const http = new LimitedHttpAgent(options);
  const https = new LimitedHttpsAgent(options);

  return ({ protocol, hostname }) => {
    const isHttps = protocol === 'https:';
    const variable = isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    // Node would go past the proxy, without a word.
    if (!proxies[variable].isKnown && !isDirect(hostname, no_proxy ?? NO_PROXY)) throw unknownProxy(variable);
    return isHttps ? https : http;
  };
}

// `proxy.example:8080` is how people write it, and curl takes it.
function readProxy(value = '') {
  const proxy = value.trim();
  if (proxy === '') return { url: '', isKnown: true };
  const url = proxy.includes('://')
    ? proxy.replace(/^\w+/, (scheme) => scheme.toLowerCase())
    : `http://${proxy}`;
  const isKnown = /^https?:/.test(url) && URL.canParse(url);
  return { url: isKnown ? url : '', isKnown };
}

// Where Node goes past any proxy; ports and ranges of addresses in NO_PROXY are not looked at.
function isDirect(hostname: string, noProxy: string): boolean {
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return true;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some(
      (host) =>
        host === '*' ||
        host === hostname ||
        (/^\*?\..+/.test(host) && hostname.endsWith(host.replace('*', ''))),
    );
}

function unknownProxy(variable: string): Error {
  const error = new Error(
    `${variable} must be the URL of a proxy for HTTP, with http:// or https:// before its host. For another kind of proxy give a fetch of your own, which knows it`,
  );
  return Object.assign(error, { code: invalidProxy });
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
