import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Fault, Scenario, Simulator } from '../simulator/index.ts';
import { CommandError, describeError, failWith, misuse } from './command-error.ts';
import { numberOption, portOption } from './options.ts';
import { onSignals } from './signals.ts';
import { describeAll, describeBox, describeReport, describeScenario } from './simulator-in-words.ts';
import { write } from './terminal.ts';

interface SimulateOptions {
  readonly port: number;
  readonly users: number;
  readonly rate: number;
  readonly seed: number;
  readonly scenario?: string;
  readonly scenarios?: string;
  readonly fault?: readonly string[];
  readonly list?: true;
}

/** Adds `box-events simulate`: a Box to test against. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .summary('run a simulated Box, to test any client against')
    .description(
      'Runs a simulated Box on 127.0.0.1, with users, traffic and faults, to test any client against. At its end it prints what it saw.',
    )
    .addOption(portOption('where to listen'))
    .addOption(numberOption('--users <count>', 'how many users there are', { least: 1, default: 1 }))
    .addOption(
      numberOption(
        '--rate <events>',
        'how many events there are a minute, to all users together; 0 is none',
        { least: 0, default: 30 },
      ),
    )
    .addOption(
      numberOption('--seed <number>', 'the same seed gives the same events and the same faults', {
        least: 0,
        default: 1,
      }),
    )
    .option('--scenario <name>', 'play a scenario, and end with it')
    .option('--scenarios <file>', 'a JSON file with a scenario, or a list of them, besides those of --list')
    .option(
      '--fault <fault>',
      'have something go wrong; may be given several times',
      (fault, others: readonly string[] = []) => [...others, fault],
    )
    .option('--list', 'list the scenarios and the faults')
    .addHelpText('after', help)
    .action(simulate);
}

const help = `
A fault is what happens, and to which requests; box-events simulate --list names
them all. Without a count or a time it happens to each request of its kind.
  on=servers+poll+events+token   which requests
  nth=2, every=3                 the second one; every third one
  from=5000, until=9000          milliseconds after the start
  probability=0.1                by chance

A test in any language drives it over HTTP, on the same port:
  GET  /simulator            URLs, users, tokens, app, scenarios
  POST /simulator/publish    {"event":{…},"userId":"…","count":1}
  POST /simulator/faults     {"what":"status","status":503,"on":"events"}
  POST /simulator/play       {"name":"api-down"}
  POST /simulator/authorize  {"userId":"…"}: the code of OAuth that an app gets
  POST /simulator/keypair    what Box's Developer Console gives for JWT
  GET  /simulator/report     what was seen
  DELETE /simulator/faults, DELETE /simulator/report

Examples:
  box-events simulate
  box-events simulate --port 8080 --users 100 --rate 600
  box-events simulate --scenario realtime-restart
  box-events simulate --fault status,on=events,every=3,status=503
  box-events simulate --scenarios mine.json --scenario my-own`;

async function simulate(options: SimulateOptions): Promise<void> {
  // Loaded only here: the other commands have no need of it.
  const simulator = await import('../simulator/index.ts');
  const scenarios = [
    ...(await readScenarios(options.scenarios, simulator.checkScenario)),
    ...simulator.scenarios,
  ];
  if (options.list) return write(process.stdout, [describeAll(scenarios, simulator.faults)]);
  const scenario = findScenario(options.scenario, scenarios);
  const faults = (options.fault ?? []).map((text) => asUsage(() => simulator.parseFault(text)));
  const box = await simulator
    .createSimulator({ port: options.port, users: options.users, seed: options.seed })
    .catch(failWith);
  try {
    await write(process.stdout, [describeBox(box), describeScenario(scenario)]);
    if (options.rate > 0) box.startTraffic({ seed: options.seed, eventsPerMinute: options.rate });
    await runUntilEnd(box, { scenario, faults });
    await write(process.stdout, [describeReport(box.report)]);
  } finally {
    await box.stop();
  }
}

async function runUntilEnd(
  box: Simulator,
  { scenario, faults }: { scenario: Scenario | undefined; faults: readonly Fault[] },
): Promise<void> {
  const end = Promise.withResolvers<void>();
  const releaseSignals = onSignals({ stop: end.resolve, abandon: () => {} });
  for (const fault of faults) box.setFault(fault);
  if (scenario) void box.play(scenario).then(end.resolve, end.reject);
  try {
    await end.promise;
  } finally {
    releaseSignals();
  }
}

async function readScenarios(
  file: string | undefined,
  check: (value: unknown) => Scenario,
): Promise<Scenario[]> {
  if (file === undefined) return [];
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return (Array.isArray(read) ? read : [read]).map(check);
  } catch (error) {
    throw new CommandError(`--scenarios ${file}: ${describeError(error)}`, { exitCode: 1, cause: error });
  }
}

function findScenario(name: string | undefined, scenarios: readonly Scenario[]): Scenario | undefined {
  if (name === undefined) return undefined;
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found) return found;
  const names = scenarios.map((scenario) => scenario.name).join(', ');
  throw misuse(`There is no scenario '${name}'. There are: ${names}.`);
}

function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandError(describeError(error), { exitCode: 2, cause: error });
  }
}
