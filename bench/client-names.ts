/** The clients, in the order of the table. Each is a file in clients/. */
export const clientNames = [
  'floor',
  'loop',
  'actor',
  'users',
  'sdk10',
  'sdk10-tuned',
  'sdk3',
  'sdk3-tuned',
] as const;

export type ClientName = (typeof clientNames)[number];

/** What the table calls them. */
export const clientTitles: Record<ClientName, string> = {
  floor: 'floor',
  loop: 'box-events, loop',
  actor: 'box-events, actor',
  users: 'box-events, many users',
  sdk10: '`box-node-sdk` 10',
  'sdk10-tuned': '10, tuned',
  sdk3: '`box-node-sdk` 3',
  'sdk3-tuned': '3, tuned',
};

/** Those that are ours. */
export const ours: readonly ClientName[] = ['loop', 'actor', 'users'];

const isAsShipped = (name: ClientName) => /^sdk\d+$/.test(name);

/** Those that follow one stream each. */
export const streamClients: readonly ClientName[] = clientNames.filter((name) => name !== 'users');

/** The same without those that are as shipped, where that only takes longer. */
export const bestClients: readonly ClientName[] = streamClients.filter((name) => !isAsShipped(name));

/** Those that follow many streams. */
export const fanClients: readonly ClientName[] = clientNames.filter((name) => !isAsShipped(name));
