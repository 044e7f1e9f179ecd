// A program like a user's: it handles one event, leaves the loop, and has nothing else to do. Run by loop.test.ts.
import { boxEvents } from '../../src/index.ts';

const [token = '', apiUrl, ending] = process.argv.slice(2);
const controller = new AbortController();
const events = boxEvents({ token, apiUrl, signal: controller.signal });
try {
  for await (const event of events) {
    process.stdout.write(`${event.event_id}\n`);
    if (ending === 'break') break;
    if (ending === 'throw') throw new Error('enough');
    if (ending === 'abort') controller.abort(new Error('enough'));
  }
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : 'no error'}\n`);
}
process.stdout.write('left\n');
