import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { BoxClient, BoxDeveloperTokenAuth } from 'box-node-sdk';
import { BaseUrls } from 'box-node-sdk/lib/networking/baseUrls';
import { NetworkSession } from 'box-node-sdk/lib/networking/network';
import BoxSdk3 from 'box-node-sdk-3';
import { boxEvents } from '../src/index.ts';

/** Whom a client follows, and what it tells. */
export interface Following {
  /** The simulated Box, as `http://127.0.0.1:PORT`. */
  url: string;
  token: string;
  /** An event, once a listener of the client has it. */
  onEvent: (event: {
    readonly event_id?: string | undefined;
    readonly event_type?: string | undefined;
  }) => void;
  /** An error that the client tells its listener. */
  onError: (error: unknown) => void;
}

/** A client of Box's event stream, as it is shipped. Returns what stops it. */
export type Client = (following: Following) => () => void;

/** `boxEvents()`. */
export const ours: Client = ({ url, token, onEvent, onError }) => {
  const controller = new AbortController();
  const events = boxEvents({ token, apiUrl: `${url}/2.0`, signal: controller.signal });
  void (async () => {
    for await (const event of events) onEvent(event);
  })().catch((error: unknown) => {
    if (!controller.signal.aborted) onError(error);
  });
  return () => controller.abort();
};

/** `box-node-sdk` 10, through `client.events.getEventStream()`. */
export const sdk10: Client = ({ url, token, onEvent, onError }) => {
  const client = new BoxClient({
    auth: new BoxDeveloperTokenAuth({ token }),
    networkSession: new NetworkSession({ baseUrls: new BaseUrls({ baseUrl: url }) }),
  });
  const stream = client.events.getEventStream();
  // It renames the fields: these two are told by their own names.
  stream.on('data', ({ eventId, eventType }: { eventId?: string; eventType?: string }) =>
    onEvent({ event_id: eventId, event_type: eventType }),
  );
  stream.on('error', onError);
  return () => stream.destroy();
};

/** `box-node-sdk` 3, through `client.events.getEventStream()`. */
export const sdk3: Client = ({ url, token, onEvent, onError }) => {
  const sdk = new BoxSdk3({
    clientID: 'id',
    clientSecret: 'secret',
    apiRootURL: url,
    request: { agentClass: Agent },
  });
  let stop = false;
  let end = () => {};
  const listen = (error: unknown, stream: Readable) => {
    if (error) return onError(error);
    end = () => stream.destroy();
    if (stop) end();
    else stream.on('data', onEvent).on('error', onError);
  };
  // @ts-expect-error Its types ask for a position, where it takes none.
  sdk.getBasicClient(token).events.getEventStream({}, listen);
  return () => {
    stop = true;
    end();
  };
};
