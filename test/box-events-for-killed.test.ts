import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSimulator } from '../src/simulator/index.ts';

const script = fileURLToPath(new URL('support/users-process.ts', import.meta.url));

test.each(['file', 'sqlite'])(
  'an app that is killed again and again, with its positions in a %s, misses no event of anybody',
  async (kind) => {
    await using box = await createSimulator({ users: 5 });
    const folder = await mkdtemp(join(tmpdir(), 'box-events-'));
    const args = [kind, folder, box.serviceToken, box.apiUrl, box.users.map(({ id }) => id).join()];
    const expected = new Set<string>();
    const publishAll = () => {
      for (const { id } of box.users) expected.add(`${id} ${box.publish({}, { userId: id }).event_id}`);
    };
    const seen = async () => (await readFile(join(folder, 'events'), 'utf8')).trimEnd().split('\n');

    for (let round = 1; round <= 4; round++) {
      for (let count = 0; count < 5; count++) publishAll();
      const app = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      let handled = 0;
      for await (const said of app.stdout.setEncoding('utf8')) {
        handled += said.length;
        publishAll();
        // At another moment each time: in the first page, and after many.
        if (handled >= round ** 2) app.kill('SIGKILL');
      }
      if (app.signalCode === null) await once(app, 'exit');
    }
    const app = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    await expect.poll(async () => new Set(await seen()), { timeout: 20_000 }).toEqual(expected);
    app.kill('SIGKILL');
    await once(app, 'exit');

    // What came twice was in hand, or not saved yet, when it was killed: far less than everything each time.
    expect((await seen()).length).toBeLessThan(expected.size * 3);
    await rm(folder, { recursive: true });
  },
  30_000,
);
