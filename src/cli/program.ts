import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { oneLine } from '../one-line.ts';
import { CommandError, describeError } from './command-error.ts';
import { addInspectCommand } from './inspect.ts';
import { addServersCommand } from './servers.ts';
import { addSimulateCommand } from './simulate.ts';
import { addWatchCommand } from './watch.ts';

/** Runs `box-events` with the arguments of this process, and sets its exit code. */
export async function runProgram(): Promise<void> {
  // A write tells its own failure; without a listener, a closed pipe would end the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // commander has told its own errors.
    if (!(error instanceof CommanderError)) process.stderr.write(`box-events: ${describeError(error)}\n`);
  }
}

function createProgram(): Command {
  const program = new Command('box-events')
    .description('Follows what happens in Box accounts, live, without losing an event.')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help, or that of a command')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .configureOutput({ outputError: (message, print) => print(describeMisuse(message)) })
    .addHelpText('after', help);
  addWatchCommand(program);
  addServersCommand(program);
  addSimulateCommand(program);
  addInspectCommand(program);
  return program;
}

const help = `
Environment:
  BOX_TOKEN          an access token of Box, which holds for about an hour
  or, for an app with client credentials, which gets its tokens by itself:
  BOX_CLIENT_ID      its client id
  BOX_CLIENT_SECRET  its client secret
  BOX_USER_ID        the user that it acts for,
  BOX_ENTERPRISE_ID  or the enterprise: its service account, or the --user
  Without any of them a simulated Box is shown.
  BOX_API_URL        the API, when it is not https://api.box.com/2.0; tokens are
                     asked for beside it, at https://api.box.com/oauth2/token
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY and NO_COLOR work as everywhere.

Exit codes:
  0  stopped, by Ctrl-C or SIGTERM, or because nobody reads the output any more
  1  failed: Box refused, or a file cannot be read or written
  2  usage: the command line or the environment cannot be meant so
  The last line on stderr says what was wrong.

Examples:
  box-events watch                      what happens, live, on a simulated Box
  BOX_TOKEN=… box-events watch          … in your own account
  BOX_TOKEN=… box-events watch | jq .   … as JSON, for another program

How to store events and to go on where you stopped: box-events watch --help`;

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof CommandError ? error.exitCode : 1;
}

// Like all our errors one line, also with a suggestion, which commander puts on a line of its own.
function describeMisuse(message: string): string {
  return `box-events: ${oneLine(message.replace(/^error: /, ''))}\n`;
}

// By its own name, for the sources and what is built of them lie in folders of different depth.
function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(import.meta.resolve('box-events/package.json')), 'utf8'),
  );
  const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isNamed ? String(manifest.version) : 'unknown';
}
