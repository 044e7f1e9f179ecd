import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { bodyTooLong, maxBodySize } from './fetch.ts';
import { type Agents, createAgents } from './node-agents.ts';

const decompressors = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

// These are the headers of an answer that the services read.
const headersKept = ['date', 'location', 'retry-after', 'box-request-id', 'content-type'];

/**
 * A `fetch` over Node's own HTTP/1.1 client, with what a long poll needs: no timeout (Node's `fetch` gives up after 300 s), and no
 * HTTP/2 (on a dead connection an abort keeps the session, and the next requests never leave the machine). It obeys the proxy
 * variables that people set. Node's `fetch` takes several times the CPU and memory, for its requests, responses and streams.
 */
export function createFetch() {
  let agents: Agents | undefined;
  /**
   * Aborts by a signal of the request, or by one apart from it: a signal in a request costs several more. It is not `async`, for while a
   * poll is held, it would hold the request, too.
   */
  return (asked: Request, signal: AbortSignal = asked.signal): Promise<Response> =>
    readBody(asked)
      .then((body) => {
        signal.throwIfAborted();
        // Made on first use: an application may set the proxy variables after its imports.
        agents ??= createAgents();
        return send(open(asked, agents), { body, signal });
      })
      .then(toResponse);
}

async function readBody(asked: Request): Promise<string | undefined> {
  return asked.body ? asked.text() : undefined;
}

function open({ url, method, headers }: Request, { http, https }: Agents): ClientRequest {
  const options = {
    method,
    headers: { 'accept-encoding': 'gzip', 'user-agent': 'box-events', ...Object.fromEntries(headers) },
  };
  return url.startsWith('https:')
    ? overHttps(url, { ...options, agent: https })
    : overHttp(url, { ...options, agent: http });
}

interface Sending {
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly head: IncomingMessage;
  readonly body: Buffer;
}

/** Sends a request and reads its answer to the end. */
function send(request: ClientRequest, { body, signal }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => fail(signal.reason);
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', abort);
      reject(error);
      request.destroy();
    };
    signal.addEventListener('abort', abort);
    request.on('error', fail);
    request.on('upgrade', () => fail(new Error('the server switched protocols')));
    request.on('response', (head) => {
      const chunks: Buffer[] = [];
      let size = 0;
      head.on('error', fail);
      head.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBodySize) fail(bodyTooLong());
        else chunks.push(chunk);
      });
      head.on('end', () => {
        signal.removeEventListener('abort', abort);
        resolve({ head, body: Buffer.concat(chunks, size) });
      });
    });
    request.end(body);
  });
}

async function toResponse({ head, body }: Answer): Promise<Response> {
  const decompressor = decompressors.get(String(head.headers['content-encoding']).toLowerCase());
  const plain =
    decompressor && body.length > 0 ? await decompressor(body, { maxOutputLength: maxBodySize }) : body;
  return new TextResponse(plain.toString('utf8'), {
    status: head.statusCode ?? 0,
    headers: headersKept.flatMap((name): [string, string][] => {
      const value = head.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  });
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
