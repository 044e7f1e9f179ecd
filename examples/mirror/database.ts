/** What a column holds, as far as the mirror writes any. */
export type Value = string | null;

/** What the mirror needs of a database. Both kinds speak SQL that is near enough for one text, with `$1`, `$2`, … for the values. */
export interface Database {
  /** Runs one statement, and gives the rows that it returns. */
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /**
   * Has all statements of some work take effect together, or none. There is one transaction at a time in the whole database, whoever
   * begins it: a second mirror waits. This one does not begin another before the end of the first.
   */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;
