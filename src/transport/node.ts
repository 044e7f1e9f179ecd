import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici';
import { bodyTooLong, type Fetch, maxBodySize } from './fetch.ts';

const decompressors = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

// undici's `request` costs half of `fetch`. These are the headers of an answer that the services read.
const headersKept = ['date', 'location', 'retry-after', 'box-request-id', 'content-type'];

/**
 * A `fetch` over undici's `request`, with what a long poll needs: no timeout for headers or body (Node's own `fetch` gives up after
 * 300 s), the proxy variables that people set, and HTTP/1.1 (on a dead HTTP/2 connection an abort keeps the session, and the next
 * requests never leave the machine).
 */
export function createFetch(): Fetch {
  let dispatcher: Dispatcher | undefined;
  return async (request) => {
    const { url, method, headers, signal } = request;
    dispatcher ??= createDispatcher();
    const {
      statusCode,
      headers: answered,
      body,
    } = await send(url, {
      dispatcher,
      method,
      headers: { 'accept-encoding': 'gzip', 'user-agent': 'box-events', ...Object.fromEntries(headers) },
      body: request.body && (await request.text()),
      signal,
    });
    const bytes = await decompress(await readBytes(body), answered['content-encoding']);
    return new TextResponse(bytes.toString('utf8'), {
      status: statusCode,
      headers: headersKept.flatMap((name): [string, string][] => {
        const value = answered[name];
        return value === undefined ? [] : [[name, String(value)]];
      }),
    });
  };
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

function createDispatcher(): Dispatcher {
  const { no_proxy, NO_PROXY = '' } = process.env;
  return new EnvHttpProxyAgent({
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    // A proxy elsewhere cannot reach this machine's loopback.
    noProxy: `${no_proxy ?? NO_PROXY},localhost,127.0.0.1,[::1]`,
  });
}

async function readBytes(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBodySize) throw bodyTooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(bytes: Buffer, encoding: string | string[] | undefined): Promise<Buffer> {
  const decompressor = decompressors.get(String(encoding).toLowerCase());
  return decompressor && bytes.length > 0 ? decompressor(bytes, { maxOutputLength: maxBodySize }) : bytes;
}
