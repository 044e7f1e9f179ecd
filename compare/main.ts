import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { type Comparison, comparisons } from './scenarios.ts';

/*
 * Plays scenarios against box-events and Box's own SDKs, each in a process of its own and with a simulated Box of its own, and prints
 * a table of what went wrong. `--write` puts it into the README. It takes about five minutes.
 */

const clients = ['ours', 'sdk10', 'sdk3'] as const;
const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const hostNames = { realtime: 'the realtime hosts', elsewhere: 'where a redirect led' };
/** More requests of a kind than this in a second are hammering. */
const calm = 10;

const rows: string[] = [
  '| | box-events | `box-node-sdk` 10 | `box-node-sdk` 3 |',
  '| --- | --- | --- | --- |',
];
const tokensTo = clients.map(() => new Set<string>());
for (const comparison of comparisons) {
  const blemishes = await Promise.all(
    clients.map((client, index) => compare(client, comparison, tokensTo[index])),
  );
  rows.push(`| ${comparison.says} | ${blemishes.join(' | ')} |`);
  process.stdout.write(`${rows.at(-1)}\n`);
}
rows.push(
  `| besides the API, the access token was sent to | ${tokensTo.map((hosts) => [...hosts].join(', ') || 'nobody').join(' | ')} |`,
);
process.stdout.write(`${rows.at(-1)}\n`);
if (process.argv.includes('--write')) await writeFile(readme, await withTable(rows.join('\n')));

async function compare(
  client: (typeof clients)[number],
  comparison: Comparison,
  tokensTo: Set<string> | undefined,
): Promise<string> {
  const { scenario, box: options = {} } = comparison;
  const box = await createSimulator({ positionType: 'string', ...options });
  const child = fork(new URL('client-process.ts', import.meta.url), [client, box.url, box.token], {
    silent: true,
  });
  const delivered: unknown[] = [];
  child.on('message', (id) => delivered.push(id));
  await Promise.race([box.until(() => box.heldPolls === 1), once(child, 'exit')]);
  const from = delivered.length;
  await box.play(scenario);
  await settled(box, delivered);
  const blemishes = blemishesOf(box, delivered.slice(from), child.exitCode !== null);
  for (const { host, headers } of box.requests) {
    if (host !== 'api' && headers.authorization !== undefined) tokensTo?.add(hostNames[host]);
  }
  child.kill('SIGKILL');
  await box.stop();
  return blemishes.join('; ') || 'no blemish';
}

/** Everything has arrived, or a quarter of a minute has passed. */
async function settled(box: Simulator, delivered: readonly unknown[]): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && new Set(delivered).size < box.report.published) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function blemishesOf(box: Simulator, delivered: readonly unknown[], hasEnded: boolean): string[] {
  const { published, busiestSecond, elsewhere, earlyRetries } = box.report;
  const missing = published - new Set(delivered).size;
  const repeated = delivered.length - new Set(delivered).size;
  const busiest = Math.max(busiestSecond.servers, busiestSecond.poll, busiestSecond.events);
  return [
    hasEnded ? '**the process crashed**' : '',
    missing > 0 ? `**${missing} of ${published} events missing**` : '',
    repeated > 0 ? `${repeated} events repeated` : '',
    busiest > calm ? `${busiest} requests in a second` : '',
    earlyRetries > 0 ? `${earlyRetries} requests before \`Retry-After\`` : '',
    elsewhere > 0 ? 'follows a redirect to another host' : '',
  ].filter((blemish) => blemish !== '');
}

async function withTable(table: string): Promise<string> {
  const text = await readFile(readme, 'utf8');
  const marked = /(?<=<!-- compare: npm run compare -- --write -->\n).*?(?=<!-- \/compare -->)/s;
  if (!marked.test(text)) throw new Error('The README has no marks for the table.');
  return text.replace(marked, () => `\n${table}\n\n`);
}
