import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { bodyTooLong, maxBodySize } from './fetch.ts';
import { type AgentOf, createAgents } from './node-agents.ts';

const decompressors = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

// What a chunk takes in memory, however small it is.
const smallestChunk = 256;

// What of an answer's head is read. To have Node sort out all of it takes longer than to parse the answer to a poll.
const headersRead = new Set(['content-encoding', 'date', 'retry-after', 'box-request-id']);

/**
 * A `fetch` over Node's own HTTP/1.1 client, with what a long poll needs: no timeout (Node's `fetch` gives up after 300 s), and no
 * HTTP/2 (on a dead connection an abort keeps the session, and the next requests never leave the machine). It obeys the proxy
 * variables that people set. Node's `fetch` takes several times the CPU and memory, for its requests, responses and streams.
 */
export function createFetch() {
  let agentOf: AgentOf | undefined;
  const sendOnce = (asked: Request, { body, signal }: Sending): Promise<Answer> => {
    try {
      signal.throwIfAborted();
      // Made on first use: an application may set the proxy variables after its imports.
      agentOf ??= createAgents();
      return send(open(asked, agentOf), { body, signal });
    } catch (error) {
      return Promise.reject(error);
    }
  };
  /**
   * Aborts by a signal of the request, or by one apart from it: a signal in a request costs several more. It is not `async`, for while a
   * poll is held, it would hold the request, too.
   */
  return (asked: Request, signal: AbortSignal = asked.signal): Promise<Response> => {
    const sent = asked.body
      ? asked.text().then((body) => sendOnce(asked, { body, signal }))
      : sendOnce(asked, { signal });
    return sent.then(toResponse);
  };
}

function open({ url, method, headers }: Request, agentOf: AgentOf): ClientRequest {
  const to = new URL(url);
  // Given the URL itself, Node would keep each of its parts with the request, for as long as a poll is held.
  return request({
    protocol: to.protocol,
    host: to.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: to.port,
    path: `${to.pathname}${to.search}`,
    method,
    headers: { 'accept-encoding': 'gzip', 'user-agent': 'box-events', ...Object.fromEntries(headers) },
    agent: agentOf(to),
  });
}

interface Sending {
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly head: IncomingMessage;
  readonly body: Buffer;
}

/** Sends a request and reads its answer to the end. */
function send(sent: ClientRequest, { body, signal }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => fail(signal.reason);
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', abort);
      reject(error);
      sent.destroy();
    };
    signal.addEventListener('abort', abort);
    sent.on('error', fail);
    sent.on('upgrade', () => fail(new Error('the server switched protocols')));
    sent.on('response', (head) => {
      const chunks: Buffer[] = [];
      let size = 0;
      head.on('error', fail);
      head.on('data', (chunk: Buffer) => {
        size += Math.max(chunk.length, smallestChunk);
        if (size > maxBodySize) fail(bodyTooLong());
        else chunks.push(chunk);
      });
      head.on('end', () => {
        signal.removeEventListener('abort', abort);
        resolve({ head, body: Buffer.concat(chunks) });
      });
    });
    sent.end(body);
  });
}

async function toResponse({ head, body }: Answer): Promise<Response> {
  const headers = readHeaders(head);
  const decompressor = decompressors.get(headers.get('content-encoding')?.toLowerCase() ?? '');
  const plain =
    decompressor && body.length > 0 ? await decompressor(body, { maxOutputLength: maxBodySize }) : body;
  return new TextResponse(plain.toString('utf8'), { status: head.statusCode ?? 0, headers: [...headers] });
}

function readHeaders({ rawHeaders }: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (headersRead.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  return headers;
}

/** A response whose body has arrived as text already: to make a stream of it and text of that again cost a tenth of a large page. */
class TextResponse extends Response {
  readonly #text: string;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.#text = text;
  }

  override async text(): Promise<string> {
    return this.#text;
  }
}
