import { clientTitles, ours } from './client-names.ts';
import type { RowResult } from './measure.ts';
import type { Row } from './row.ts';
import { comparable } from './table.ts';

const tolerance = 1.25;

/** What of ours became worse by more than a quarter since the results that were kept, beside the floor of either run. */
export function regressions(row: Row, kept: RowResult | undefined, measured: RowResult = {}): string[] {
  if (!kept) return [];
  return row.measures.flatMap((measure) =>
    ours.flatMap((client) => {
      const before = comparable(measure, kept, client);
      const now = comparable(measure, measured, client);
      if (before === undefined || now === undefined) return [];
      const worse = measure.isGain ? before / now : now / before;
      if (!(worse > tolerance)) return [];
      return [
        `${row.name}, ${clientTitles[client]}: ${measure.says} was ${before.toFixed(2)}, and is ${now.toFixed(2)}.`,
      ];
    }),
  );
}
