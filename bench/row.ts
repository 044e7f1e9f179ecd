import type { ClientName } from './client-names.ts';

/** What a row of the table measures of a client. */
export interface Measure {
  /** Its name in results.json. */
  readonly name: string;
  readonly says: string;
  readonly unit: string;
  /** More of it is better. */
  readonly isGain?: boolean;
  /** Said as it is, not as a ratio to the floor. */
  readonly isAbsolute?: boolean;
}

/** Something that every client does, and what is measured of it. */
export interface Row {
  readonly name: string;
  readonly says: string;
  readonly measures: readonly Measure[];
  readonly clients: readonly ClientName[];
  /** How often each client does it; the median counts. */
  readonly runs: number;
  /** Has a client do it once. `scale` below 1 makes the load smaller. */
  run(client: ClientName, scale: number): Promise<Measured>;
}

/** A number for each measure, by its name. */
export type Measured = Readonly<Record<string, number>>;
