import { type ChangeCost, changesInOneProcess, changesOnRestate, quietPollsOnRestate } from './changes.ts';
import { type IdleCost, idleInOneProcess, idleOnRestate } from './idle.ts';

/*
 * What it costs to follow users on Restate, beside one process: `npm run bench:restate`, on Linux. Each line starts a simulated Box, a
 * worker and a Restate server of its own. Some minutes.
 */

// An exit, at which the processes end, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const single = { rounds: 40, events: 1 };
const pages = { rounds: 4, events: 500 };

print('| a change | worker, CPU | Restate, CPU | written to disk | state | API calls | polls |');
print('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
printChange('one event, one process', await changesInOneProcess(single));
for (const recentSize of [10, 100, 1_000]) {
  printChange(`one event, ${recentSize} ids kept`, await changesOnRestate(single, recentSize));
}
printChange('500 events, one process', await changesInOneProcess(pages));
printChange('500 events, 100 ids kept', await changesOnRestate(pages, 100));
printChange('none: a poll ends without news', await quietPollsOnRestate(8));

print(
  '\n| users, polls held | worker, a user | Restate, a user | after SIGKILL of the worker | of Restate |',
);
print('| --- | ---: | ---: | ---: | ---: |');
printIdle('10,000, one process', await idleInOneProcess(10_000));
printIdle('10,000', await idleOnRestate(10_000));

function printChange(name: string, cost: ChangeCost): void {
  const { worker, server, written, state, apiCalls, polls } = cost;
  const cells = [milliseconds(worker), milliseconds(server), kilobytes(written), kilobytes(state)];
  print(`| ${[name, ...cells, apiCalls.toFixed(1), polls.toFixed(1)].join(' | ')} |`);
}

function printIdle(name: string, { worker, server, afterWorker, afterServer }: IdleCost): void {
  const cells = [kilobytes(worker), kilobytes(server), seconds(afterWorker), seconds(afterServer)];
  print(`| ${[name, ...cells].join(' | ')} |`);
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(1)} ms`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? '' : `${(value / 1_000).toFixed(1)} s`;
}

function kilobytes(value: number | undefined): string {
  return value === undefined ? '' : `${(value / 1_000).toFixed(0)} KB`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
