// An app of a user's: it writes down each event of each user, and is killed at any moment. Run by box-events-for-killed.test.ts.
import { appendFileSync } from 'node:fs';
import { boxEventsFor } from '../../src/index.ts';
import { filePositions, sqlitePositions } from '../../src/positions/index.ts';

const [kind, folder = '', token = '', apiUrl, userIds = ''] = process.argv.slice(2);
const events = boxEventsFor({
  users: userIds.split(',').map((userId) => ({ userId, streamPosition: '0' })),
  ...{ token, apiUrl, asUser: true, limit: 3, startsPerSecond: 1_000, saveEvery: 5 },
  positions: kind === 'file' ? filePositions(`${folder}/positions`) : sqlitePositions(`${folder}/positions`),
  onFailed: ({ error }) => {
    throw error;
  },
});
for await (const { userId, event } of events) {
  appendFileSync(`${folder}/events`, `${userId} ${event.event_id}\n`);
  process.stdout.write('.');
}
