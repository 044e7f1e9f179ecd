import { createServer } from 'node:http2';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import { boxEventsOnRestate } from 'box-events/restate';

const { BOX_TOKEN = '', BOX_API_URL, PORT } = process.env;

const boxEvents = boxEventsOnRestate({
  token: BOX_TOKEN,
  asUser: true,
  apiUrl: BOX_API_URL,
  deliver: () => {},
});
const handler = createEndpointHandler({ services: [boxEvents], logger: () => {} });
createServer(handler).listen({ host: '127.0.0.1', port: Number(PORT) }, () =>
  process.stdout.write('ready\n'),
);
