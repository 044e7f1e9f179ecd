// A process that keeps positions, until it is killed. Run by positions.test.ts.
import { filePositions, sqlitePositions } from '../../src/positions/index.ts';

const [kind, path = '', userId = '', count = '1'] = process.argv.slice(2);
const positions = kind === 'file' ? filePositions(path) : sqlitePositions(path);
try {
  for (let position = 1; position <= Number(count); position++)
    await positions.save(userId, String(position));
  process.stdout.write('saved\n');
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
}
