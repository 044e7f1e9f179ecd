import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../src/simulator/index.ts';
import { boxCom } from './support/box-com.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, where its name and the SDK's resolve as they do for a user.
const folder = `${root}dist/recipes`;

const page = readFileSync(`${root}docs/tokens.md`, 'utf8');
/** The programs of docs/tokens.md, each with the heading that it stands under. */
const recipes = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(({ 1: code = '', index }, count) => ({
  heading: page
    .slice(0, index)
    .match(/^#+ .+$/gm)
    ?.at(-1),
  code,
  file: `recipe-${count + 1}.ts`,
}));

/** What the programs take for granted, see test/support/readers-program.d.ts. */
const readersProgram = `
import { BoxOAuth, OAuthConfig } from 'box-node-sdk';
import { InMemoryTokenStorage } from 'box-node-sdk/box';
import { boxEvents } from 'box-events';

const { code, ...texts } = JSON.parse(process.env.READERS_PROGRAM);
const tokenStorage = new InMemoryTokenStorage({});
const auth = new BoxOAuth({ config: new OAuthConfig({ ...texts, tokenStorage }) });
await auth.getTokensAuthorizationCodeGrant(code);
let count = 0;
const renew = async () => texts.tokens[count++];
Object.assign(globalThis, { ...texts, boxEvents, tokenStorage, renew });
`;

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/readers-program.ts`, readersProgram);
  for (const { file, code } of recipes) {
    await writeFile(
      `${folder}/${file}`,
      `${code}\nfor await (const event of events) console.log(event.event_id);\n`,
    );
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a recipe as a program whose Box is the simulated one. */
const run = async (box: Simulator, file: string) => {
  const own = `${folder}/${file}.d`;
  await mkdir(own);
  await writeFile(`${own}/box-config.json`, box.application.generateKeypair());
  const network = await boxCom(box, `${own}/certificate.pem`);
  const { clientId, clientSecret, enterpriseId } = box.application;
  const [user] = box.users;
  const reader = {
    ...{ clientId, clientSecret, enterpriseId, userId: user?.id },
    ...{ code: box.application.authorize(), tokens: [box.token, box.issueToken()] },
  };
  const child = spawn(process.execPath, ['--import', '../readers-program.ts', `../${file}`], {
    cwd: own,
    env: { ...network.env, READERS_PROGRAM: JSON.stringify(reader) },
  });
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  child.on('close', () => ended.reject(new Error(`It ended: ${said.err}`)));
  return {
    /** Waits for something that happens, unless the program ends first. */
    unlessItEnds: <T>(happens: Promise<T>) => Promise.race([happens, ended.promise]),
    says: (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => said.out.includes(text) && resolve();
        child.stdout.on('data', look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) {
        const gone = new Promise((resolve) => child.on('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      network.stop();
    },
  };
};

test('docs/tokens.md has a recipe for each way', () => {
  expect(recipes.map(({ heading }) => heading)).toEqual([
    ...['## Client credentials', '## Client credentials', '## Client credentials'],
    ...['### JWT', '### OAuth 2.0', '### Client credentials', '## Anything else'],
  ]);
});

test.each(recipes)(
  '$heading ($file), as written in docs/tokens.md, follows Box and renews a token that Box refuses',
  async ({ file }) => {
    await using box = await createSimulator();
    await using program = await run(box, file);
    await program.unlessItEnds(box.until(() => box.heldPolls === 1));
    const tokens = box.report.requests.token;
    for (const refusal of [undefined, 'expireToken'] as const) {
      if (refusal) box.setFault({ what: refusal, on: 'events' });
      const { event_id = '' } = box.publish();
      await program.unlessItEnds(program.says(String(event_id)));
    }
    expect(box.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(box.report.requests.token - tokens).toBe(file === 'recipe-7.ts' ? 0 : 1);
    expect(box.report.strayTokens).toBe(0);
  },
  20_000,
);
