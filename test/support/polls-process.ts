// Polls a URL many times at once, and exits with 0 once each poll was answered with 200. A process of its own: the sockets of both
// sides together would be more than one may have.
import { Agent, get } from 'node:http';

const [url = '', count] = process.argv.slice(2);
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const polls = Array.from({ length: Number(count) }, async () => {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get(url, { agent }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  return promise;
});
const statuses = new Set(await Promise.all(polls));
process.exit(statuses.size === 1 && statuses.has(200) ? 0 : 1);
