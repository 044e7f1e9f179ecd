import { bodyTooLong, maxBodySize, type Transport } from './fetch.ts';

/** The platform's own `fetch`, for browsers, workers, Bun and Deno. */
export function createFetch(): Transport {
  return async (request, signal = request.signal) => {
    const response = await fetch(request, { signal });
    if (!response.body) return response;
    return new Response(await readText(response.body), {
      status: response.status,
      headers: response.headers,
    });
  };
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBodySize) {
      await reader.cancel();
      throw bodyTooLong();
    }
    text += decoder.decode(value, { stream: true });
  }
}
