import { BoxClient, BoxDeveloperTokenAuth } from 'box-node-sdk';
import { BaseUrls } from 'box-node-sdk/lib/networking/baseUrls';
import { NetworkSession } from 'box-node-sdk/lib/networking/network';
import type { Client, CreateClient } from './client.ts';

/** `box-node-sdk` 10, as it is shipped. */
export const createClient: CreateClient = (url) => createSdk10Client(url, {}, {});

/** The client with options of its network session, and of its event stream. */
export function createSdk10Client(
  url: string,
  networking: Partial<ConstructorParameters<typeof NetworkSession>[0]>,
  streaming: { limit?: number },
): Client {
  const networkSession = new NetworkSession({ baseUrls: new BaseUrls({ baseUrl: url }), ...networking });
  const streamOf = (token: string, streamPosition: string) =>
    new BoxClient({ auth: new BoxDeveloperTokenAuth({ token }), networkSession }).events.getEventStream({
      streamPosition,
      ...streaming,
    });
  return {
    listen: (token, streamPosition, onEvent) => {
      streamOf(token, streamPosition).on('data', onEvent).on('error', ignore);
    },
    consume: async (token, streamPosition, handle) => {
      for await (const _event of streamOf(token, streamPosition).on('error', ignore)) await handle();
    },
  };
}

function ignore(): void {}
