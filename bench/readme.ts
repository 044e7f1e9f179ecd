import { readFile, writeFile } from 'node:fs/promises';
import { captionOf, type Results } from './results.ts';
import { tableOf } from './table.ts';

const file = new URL('../README.md', import.meta.url);
const marked = /(?<=<!-- bench: npm run bench -->\n).*?(?=<!-- \/bench -->)/s;

/** The README with the results in their place. */
export async function readmeWith(results: Results): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (!marked.test(text)) throw new Error('The README has no marks for the results.');
  return text.replace(marked, () => `\n${tableOf(results.rows)}\n\n${captionOf(results)}\n\n`);
}

/** Puts the results into the README. */
export async function showResults(results: Results): Promise<void> {
  await writeFile(file, await readmeWith(results));
}
