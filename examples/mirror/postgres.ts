import { Client } from 'pg';
import type { Database } from './database.ts';

/** Connects to a database of Postgres: `postgres://user:password@host/name`. */
export async function openDatabase(url: string): Promise<Database> {
  // Checked here, for whoever else finds it wrong tells what it is, with the password in it.
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error(
      'MIRROR_DATABASE must be the URL of a database, as in postgres://user:password@host/name.',
    );
  }
  // A mirror whose machine is gone must not hold its transaction, for which the next one waits, any longer than this.
  const client = new Client({
    connectionString: url,
    keepAlive: true,
    idle_in_transaction_session_timeout: 30_000,
  });
  // A connection that is lost while nothing is asked: the next question says so.
  client.on('error', () => {});
  await client.connect();

  return {
    async query(sql, values = []) {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    },
    async transaction(work) {
      await client.query('BEGIN');
      try {
        await client.query(`SELECT pg_advisory_xact_lock(hashtext('box-events mirror'))`);
        const result = await work();
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // Where the connection is gone, so is the transaction, and the first error says why.
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    },
    async close() {
      await client.end();
    },
  };
}
