import { DatabaseSync, StatementSync } from 'node:sqlite';
import { countStatement, markTransaction } from './probe.ts';

const { exec } = DatabaseSync.prototype;
const { all } = StatementSync.prototype;

Object.assign(DatabaseSync.prototype, {
  exec(this: DatabaseSync, sql: string): void {
    countStatement();
    Reflect.apply(exec, this, [sql]);
    if (sql.startsWith('BEGIN')) markTransaction('(');
    if (/^(COMMIT|ROLLBACK)/.test(sql)) markTransaction(')');
  },
});
Object.assign(StatementSync.prototype, {
  all(this: StatementSync, ...values: unknown[]): unknown {
    countStatement();
    return Reflect.apply(all, this, values);
  },
});
