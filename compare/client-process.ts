import { ours, sdk3, sdk10 } from './clients.ts';

// One client, followed until it is killed; each event that reaches its listener is told to the parent.
const [name = '', url = '', token = ''] = process.argv.slice(2);
const client = new Map([
  ['ours', ours],
  ['sdk10', sdk10],
  ['sdk3', sdk3],
]).get(name);
if (!client) throw new Error(`There is no client ${name}.`);
client({ url, token, onEvent: ({ event_id }) => process.send?.(event_id), onError: () => {} });
// A client that has silently given up is still to be seen as one.
setInterval(() => {}, 60_000);
