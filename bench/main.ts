import { parseArgs } from 'node:util';
import { regressions } from './check.ts';
import { measure, type RowResult } from './measure.ts';
import { showResults } from './readme.ts';
import { describeRun, type Results, readResults, writeResults } from './results.ts';
import type { Row } from './row.ts';
import { rows } from './rows/rows.ts';
import { tableOf } from './table.ts';

/*
 * Measures box-events beside Box's SDKs and beside the least that a correct client can do: `npm run bench`, or `npm run bench -- drain wake`
 * for some rows. Keeps what it measured in bench/results.json, and shows it in the README; `--check` compares with that instead.
 * `--quick` runs small loads once, `--client loop --client floor` some clients; neither keeps anything. `--runs 9` is how often.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    client: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
  },
});

const kept = await readResults();
const chosen = chooseRows();
const isKept = !values.check && !values.quick && values.client.length === 0;
const measured: Record<string, RowResult> = {};
for (const row of chosen) {
  measured[row.name] = await measure(row, thoroughness());
  if (isKept) await keep(await describeRun({ ...kept.rows, ...measured }));
}
print(tableOf(measured));
if (values.check) {
  report(chosen.flatMap((row) => regressions(row, kept.rows[row.name], measured[row.name])));
}

async function keep(results: Results): Promise<void> {
  await writeResults(results);
  await showResults(results);
}

function chooseRows(): Row[] {
  const chosen = rows.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => `${name}-`.startsWith(`${part}-`)),
  );
  if (chosen.length === 0) throw new Error(`There are the rows ${rows.map(({ name }) => name).join(', ')}.`);
  if (values.client.length === 0) return chosen;
  return chosen.map((row) => ({
    ...row,
    clients: row.clients.filter((name) => values.client.includes(name)),
  }));
}

function thoroughness() {
  if (values.quick) return { runs: 1, scale: 0.1 };
  return { runs: values.runs === undefined ? undefined : Number(values.runs), scale: 1 };
}

function report(worse: readonly string[]): void {
  print(worse.length > 0 ? `\n${worse.join('\n')}` : '\nNothing became worse by more than a quarter.');
  process.exitCode = worse.length > 0 ? 1 : 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
