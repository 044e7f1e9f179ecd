// Mirrors the folders and files of a Box account into a database: see README.md.
import { boxEvents } from 'box-events';
import { connect } from './connect.ts';
import { openDatabase } from './sqlite.ts'; // './postgres.ts' for Postgres
import { createStore } from './store.ts';

const stream = 'me';

const { token, apiUrl, ...connection } = await connect(process.env);
const database = await openDatabase(connection.database);
const store = await createStore(database);

const streamPosition = (await store.loadPosition(stream)) ?? '0';
const events = boxEvents({ token, apiUrl, streamPosition });
events.actor.on('retry', ({ error }) => process.stderr.write(`${error.message}\n`));

// The page in hand is applied first.
const stop = () => events.actor.send({ type: 'stop' });
process.once('SIGINT', stop).once('SIGTERM', stop);

process.stdout.write(`Mirroring ${apiUrl}, from position ${streamPosition}\n`);
for await (const page of events.pages()) {
  const applied = await store.apply(stream, page);
  process.stdout.write(`${applied} new, up to position ${page.streamPosition}\n`);
}

await database.close();
await connection.close();
