import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import BoxSdk3 from 'box-node-sdk-3';
import type { Client, CreateClient } from './client.ts';

/** `box-node-sdk` 3, as it is shipped. It keeps connections and asks for pages of 500 by itself. */
export const createClient: CreateClient = (url) => createSdk3Client(url, {});

/** The client with options of its event stream. */
export function createSdk3Client(url: string, streaming: { fetchInterval?: number }): Client {
  const sdk = new BoxSdk3({
    clientID: 'id',
    clientSecret: 'secret',
    apiRootURL: url,
    request: { agentClass: Agent },
  });
  const streamOf = async (token: string, streamPosition: string): Promise<Readable> => {
    const { events } = sdk.getBasicClient(token);
    // It takes `now` for a position of its own, and finds it out when it is given none.
    const stream: Readable =
      streamPosition === 'now'
        ? // @ts-expect-error Its types ask for a position, where it takes none.
          await events.getEventStream(streaming)
        : await events.getEventStream(streamPosition, streaming);
    return stream.on('error', () => {});
  };
  return {
    listen: async (token, streamPosition, onEvent) => {
      (await streamOf(token, streamPosition)).on('data', onEvent);
    },
    consume: async (token, streamPosition, handle) => {
      for await (const _event of await streamOf(token, streamPosition)) await handle();
    },
  };
}
