import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database } from './database.ts';

/** Opens a file of SQLite's, and makes it when there is none. */
export async function openDatabase(path: string): Promise<Database> {
  const sqlite = new DatabaseSync(path, { timeout: 10_000 });
  // Others may read while the mirror writes; and what is committed is on the disk.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  const statements = new Map<string, StatementSync>();

  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
    statements.set(sql, statement);
    return statement;
  };

  return {
    async query(sql, values = []) {
      return prepare(sql).all(...values);
    },
    async transaction(work) {
      sqlite.exec('BEGIN IMMEDIATE');
      try {
        const result = await work();
        sqlite.exec('COMMIT');
        return result;
      } catch (error) {
        // Some failures, a full disk for one, have rolled it back already.
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
        throw error;
      }
    },
    async close() {
      sqlite.close();
    },
  };
}
