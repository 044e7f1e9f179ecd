import pg from 'pg';
import { countStatement, markTransaction } from './probe.ts';

const { query } = pg.Client.prototype;

Object.assign(pg.Client.prototype, {
  async query(this: pg.Client, sql: string, values?: unknown[]): Promise<unknown> {
    countStatement();
    if (sql === 'BEGIN') markTransaction('(');
    const result: unknown = await Reflect.apply(query, this, [sql, values]);
    // The server tells what it has done with its answer: until that has come, the transaction goes on.
    if (sql === 'COMMIT' || sql === 'ROLLBACK') markTransaction(')');
    return result;
  },
});
