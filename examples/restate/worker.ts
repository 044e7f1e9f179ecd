import { createServer } from 'node:http2';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import { boxEventsOnRestate } from 'box-events/restate';
import { ledger } from './ledger.ts';

// A worker: it follows whom Restate tells it to, and sends each page on to the user's ledger.
const { BOX_TOKEN = '', BOX_API_URL, PORT } = process.env;

const boxEvents = boxEventsOnRestate({
  token: BOX_TOKEN,
  asUser: true,
  apiUrl: BOX_API_URL,
  deliver: (page, ctx) => ctx.objectSendClient(ledger, page.userId).take(page),
});

// Without the SDK's log, which tells of each stream that a killed server breaks off.
const handler = createEndpointHandler({ services: [boxEvents, ledger], logger: () => {} });
createServer(handler).listen({ host: '127.0.0.1', port: Number(PORT) }, () => console.log('ready'));
