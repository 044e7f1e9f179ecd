import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { RowResult } from './measure.ts';

/** What is kept of a run: medians, by row and client. */
export interface Results {
  date: string;
  machine: string;
  node: string;
  versions: Record<string, string>;
  rows: Record<string, RowResult>;
}

const file = new URL('results.json', import.meta.url);
const compared = ['ky', 'xstate', 'box-node-sdk', 'box-node-sdk-3'];

/** The results that were kept; without rows when there are none. */
export async function readResults(): Promise<Results> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? describeRun({}) : JSON.parse(text);
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** These rows with what they were measured on. */
export async function describeRun(rows: Record<string, RowResult>): Promise<Results> {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${processors.length} × ${processors[0]?.model ?? 'a processor'}, ${Math.round(totalmem() / 1e9)} GB`,
    node: process.version,
    versions: Object.fromEntries(
      await Promise.all(compared.map(async (name) => [name, await versionOf(name)] as const)),
    ),
    rows,
  };
}

/** When and on what they were measured, as a sentence. */
export function captionOf({ date, machine, node, versions }: Results): string {
  return `\`box-node-sdk\` ${versions['box-node-sdk']} and ${versions['box-node-sdk-3']}, Node ${node.slice(1)}, ${machine}, ${date}.`;
}

async function versionOf(name: string): Promise<string> {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version }: { version: string } = JSON.parse(await readFile(manifest, 'utf8'));
  return version;
}
