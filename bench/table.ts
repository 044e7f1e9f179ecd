import { clientNames, clientTitles } from './client-names.ts';
import type { RowResult } from './measure.ts';
import type { Measure } from './row.ts';
import { rows } from './rows/rows.ts';

/** The results as a table in Markdown: what the floor takes, and how many times that the others do. */
export function tableOf(results: Readonly<Record<string, RowResult>>): string {
  const lines = rows.flatMap((row) => {
    const result = results[row.name];
    if (!result) return [];
    return row.measures.map((measure) => {
      const cells = clientNames.map((client) => cellOf(measure, result, client));
      return `| ${row.name}: ${measure.says} | ${cells.join(' | ')} |`;
    });
  });
  const titles = clientNames.map((client) => clientTitles[client]);
  return [`| | ${titles.join(' | ')} |`, `| --- |${' ---: |'.repeat(titles.length)}`, ...lines].join('\n');
}

/** A measure of a client beside the floor's, or by itself where it is said as it is. */
export function comparable(
  { name, isAbsolute }: Measure,
  result: RowResult,
  client: string,
): number | undefined {
  const value = result[client]?.[name];
  if (value === undefined || Number.isNaN(value)) return undefined;
  if (isAbsolute) return value;
  const floor = result.floor?.[name];
  return floor === undefined ? undefined : value / floor;
}

function cellOf(measure: Measure, result: RowResult, client: string): string {
  if (client === 'floor' && !measure.isAbsolute) {
    const value = result.floor?.[measure.name];
    return value === undefined ? '' : `${format(value)} ${measure.unit}`;
  }
  const value = comparable(measure, result, client);
  if (value === undefined) return '';
  return measure.isAbsolute ? `${format(value)} ${measure.unit}`.trim() : `${value.toFixed(2)} ×`;
}

function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value % 1 === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
