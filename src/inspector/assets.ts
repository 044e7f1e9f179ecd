import { readFile } from 'node:fs/promises';
import { chartStyle } from './chart.ts';
import { drawPage } from './page.ts';
import { pageStyle } from './page-style.ts';

/** A file that the page is made of. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

/** The file of this path; nothing when there is none. */
export async function readAsset(
  path: string,
  options: { token: string; title: string },
): Promise<Asset | undefined> {
  switch (path) {
    case '/':
      return {
        type: 'text/html; charset=utf-8',
        text: drawPage({ ...options, script: `browser/main.${extension}` }),
      };
    case '/style.css':
      return { type: 'text/css; charset=utf-8', text: `${chartStyle}\n${pageStyle}` };
    case '/icon.svg':
      return { type: 'image/svg+xml', text: icon };
    default:
      return readModule(path);
  }
}

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#0969da"/></svg>';

// The modules for the browser lie beside this one: as JavaScript where it was built, as TypeScript where it was not.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

async function readModule(path: string): Promise<Asset | undefined> {
  const [, name] = /^\/browser\/([a-z-]+)\.(?:js|ts)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  try {
    const code = await readFile(new URL(`browser/${name}.${extension}`, import.meta.url), 'utf8');
    return { type: 'text/javascript; charset=utf-8', text: await toJavaScript(code) };
  } catch {
    return undefined;
  }
}

async function toJavaScript(code: string): Promise<string> {
  if (extension === 'js') return code;
  const { stripTypeScriptTypes } = await import('node:module');
  return stripTypeScriptTypes(code);
}
