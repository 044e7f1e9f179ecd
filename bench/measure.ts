import type { Measured, Row } from './row.ts';
import { median } from './statistics.ts';

/** What was measured of each client in a row. */
export type RowResult = Record<string, Measured>;

/** How thoroughly. */
export interface Thoroughness {
  /** How often each client does it, instead of what the row says. */
  runs?: number | undefined;
  /** Below 1 makes the loads smaller. */
  scale: number;
}

/** Has the clients do what the row says, in turns, and returns the medians. */
export async function measure(row: Row, { runs = row.runs, scale }: Thoroughness): Promise<RowResult> {
  const measured = new Map<string, Measured[]>(row.clients.map((client) => [client, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const client of row.clients) {
      process.stderr.write(`\r${row.name} ${run + 1}/${runs} ${client}\u001b[K`);
      measured.get(client)?.push(await row.run(client, scale));
    }
  }
  process.stderr.write('\r\u001b[K');
  return Object.fromEntries([...measured].map(([client, times]) => [client, medians(row, times)]));
}

function medians(row: Row, times: readonly Measured[]): Measured {
  return Object.fromEntries(
    row.measures.map(({ name }) => [name, median(times.map((time) => time[name] ?? Number.NaN))]),
  );
}
