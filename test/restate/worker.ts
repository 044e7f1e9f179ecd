import { createServer } from 'node:http2';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import { boxEventsOnRestate } from 'box-events/restate';
import { ledger } from '../../examples/restate/ledger.ts';

// A worker that hands each page to somebody outside of Restate, who may get it twice, and to a ledger inside of it, who may not.
const { BOX_TOKEN = '', BOX_API_URL, SINK_URL = '', PORT } = process.env;

const boxEvents = boxEventsOnRestate({
  token: BOX_TOKEN,
  asUser: true,
  apiUrl: BOX_API_URL,
  // Most pages of a backlog are full, and what happened during an outage is more than one.
  limit: 3,
  deliver: async (page, ctx) => {
    // When the server is gone, the page is handed over again: this time it shall not arrive late.
    const { attemptCompletedSignal: signal } = ctx.request();
    const { ok } = await fetch(SINK_URL, { method: 'POST', body: JSON.stringify(page), signal });
    if (!ok) throw new Error('The sink is away.');
    ctx.objectSendClient(ledger, page.userId).take(page);
  },
});

const handler = createEndpointHandler({ services: [boxEvents, ledger], logger: () => {} });
createServer(handler).listen({ host: '127.0.0.1', port: Number(PORT) }, () => console.log('ready'));
