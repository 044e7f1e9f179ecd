import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulator } from '../src/simulator/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const run = promisify(execFile);

let project: string;
let tarball: string;
let packed: string[];

// A project of a user: what npm packs, installed beside its dependencies.
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'box-events-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
  });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  tarball = join(project, filename);
  packed = files.map(({ path }) => path);
  await run('tar', ['-xzf', tarball, '-C', project]);
  await mkdir(join(project, 'node_modules'));
  await cp(join(project, 'package'), join(project, 'node_modules/box-events'), { recursive: true });
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: object;
  };
  for (const name of Object.keys(dependencies)) {
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
}, 60_000);
afterAll(() => rm(project, { recursive: true }));

const program = `
import { boxEvents } from 'box-events';
import { createSimulator } from 'box-events/simulator';

const box = await createSimulator();
const events = boxEvents({ token: box.token, apiUrl: box.apiUrl, streamPosition: '0' });
box.publish({ event_type: 'ITEM_UPLOAD' });
for await (const event of events) {
  console.log(event.event_type);
  break;
}
await box.stop();
`;

test('the package holds what users need, and nothing else', () => {
  const isKnown = (path: string) =>
    /^dist\/(machines|src)\/[\w./-]+\.(js|d\.ts)$/.test(path) || /^docs\/[\w-]+\.md$/.test(path);
  const others = packed.filter((path) => !isKnown(path));
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
});

test('publint and arethetypeswrong find nothing', async () => {
  await run(join(bin, 'publint'), ['--strict', tarball], { cwd: root });
  await run(join(bin, 'attw'), [tarball, '--profile', 'esm-only'], { cwd: root });
}, 30_000);

test('a program in JavaScript follows the simulator, both from the package', async () => {
  await writeFile(join(project, 'program.js'), program);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project });
  expect(stdout).toBe('ITEM_UPLOAD\n');
});

test.each(['main.ts', 'consumer.ts'])(
  'the mirror of the examples, copied into a project, runs by its %s',
  async (file) => {
    await cp(join(root, 'examples/mirror'), join(project, 'mirror'), { recursive: true });
    await using box = await createSimulator();
    box.publish({ event_type: 'ITEM_UPLOAD' });
    const env = {
      BOX_TOKEN: box.token,
      BOX_API_URL: box.apiUrl,
      NO_PROXY: '*',
      MIRROR_DATABASE: `${file}.db`,
    };
    const ended = run(process.execPath, [join('mirror', file)], { cwd: project, env });
    await Promise.race([box.until(() => box.heldPolls === 1), ended]);
    ended.child.kill('SIGTERM');
    expect((await ended).stdout).toContain(`1 new, up to position ${box.positionOf()}\n`);
  },
  30_000,
);

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'a program in TypeScript compiles with module %s, resolution %s, and checked declarations',
  async (module, moduleResolution) => {
    await writeFile(join(project, 'program.ts'), program);
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2022',
      '--lib',
      'es2024,dom,dom.iterable,esnext.disposable',
    ];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const resolution = ['--module', module, '--moduleResolution', moduleResolution];
    await run(join(bin, 'tsc'), [...options, ...types, ...resolution, 'program.ts'], { cwd: project }).catch(
      ({ stdout }) => expect.fail(stdout),
    );
  },
  30_000,
);

test('the command line starts', async () => {
  const main = join(project, 'node_modules/box-events/dist/src/cli/main.js');
  const { stdout } = await run(process.execPath, [main, '--version'], { cwd: project });
  expect(stdout.trim()).toBe(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version);
});

test('box-events/operations needs nothing else, box-events/metrics the API of OpenTelemetry', async () => {
  const load = async (name: string) => {
    const script = `await import('box-events/${name}')`;
    await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
  };
  await load('operations');
  await expect(load('metrics')).rejects.toThrow("Cannot find package '@opentelemetry/api'");
  await mkdir(join(project, 'node_modules/@opentelemetry'));
  const api = '@opentelemetry/api';
  await symlink(join(root, 'node_modules', api), join(project, 'node_modules', api));
  await load('metrics');
});

describe('in a bundle for the browser', () => {
  let code: string;
  beforeAll(async () => {
    await writeFile(join(project, 'browser.js'), "export { boxEvents } from 'box-events';");
    const bundle = await rolldown({ input: join(project, 'browser.js'), platform: 'browser' });
    const { output } = await bundle.generate({ format: 'iife', name: 'boxEventsBundle', minify: true });
    code = output[0].code;
  });

  test('there is no Node built-in', () => {
    expect(code).not.toMatch(/node:|require\(/);
  });

  test('a page and a worker, which have the Web platform and nothing else, follow a Box', async () => {
    const box = await createSimulator();
    box.publish({ event_type: 'ITEM_COPY' });
    const platform = {
      ...{
        fetch,
        Request,
        Response,
        Headers,
        URL,
        URLSearchParams,
        AbortController,
        AbortSignal,
        DOMException,
      },
      ...{ ReadableStream, TextDecoder, TextEncoder, FormData, Blob, structuredClone, queueMicrotask },
      ...{
        setTimeout,
        clearTimeout,
        options: { token: box.users[0]?.token, apiUrl: box.apiUrl, streamPosition: '0' },
      },
    };
    const follow = `(async () => { for await (const event of boxEventsBundle.boxEvents(options)) return event.event_type; })()`;
    expect(await runInNewContext(`${code}; ${follow}`, platform)).toBe('ITEM_COPY');
    await box.stop();
  });
});
