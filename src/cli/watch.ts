import type { Command } from 'commander';
import { CommandError, describeError, misuse } from './command-error.ts';
import { type Connection, connect } from './connection.ts';
import { createProgress } from './create-progress.ts';
import { hasCredentials } from './credentials.ts';
import { createEventOutput } from './event-output.ts';
import { type Ending, follow } from './follow.ts';
import { fromOption, streamTypeOption, userOption, usersOption } from './options.ts';
import { openPositionFile, type PositionFile } from './position-file.ts';
import { quote, type Resumable, resumeCommand } from './resume-command.ts';
import { watchUsers } from './watch-users.ts';

interface WatchOptions extends Resumable {
  readonly from?: string;
  readonly positionFile?: string;
}

/** Adds `box-events watch`: what happens, as it happens. */
export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .summary('show what happens in a Box account, as it happens')
    .description(
      'Shows what happens in a Box account, as it happens. On a terminal a readable line for each event; on a pipe, or with --json, a line of JSON.',
    )
    .addOption(fromOption())
    .addOption(userOption())
    .addOption(usersOption())
    .addOption(streamTypeOption())
    .option('--json', 'write JSON on a terminal, too')
    .option(
      '--position-file <file>',
      'start where this file says, and keep the position in it; when there is no such file yet, start where --from says',
    )
    .addHelpText('after', help)
    .action(watch);
}

const help = `
On a pipe, each event is a line of JSON as Box sent it ("type":"event"). After
the events of a page comes the position from which to go on:
  {"type":"position","streamPosition":"1152922976252290886"}
Who stores the events and then the position loses none; an event may come twice
after a failure, and "event_id" tells. A slow reader slows the stream down; one
that ends, such as head, ends it at the next line.

With --users, each line says whose it is:
  {"type":"event","userId":"17738362001","event":{…}}
  {"type":"position","userId":"17738362001","streamPosition":"1152…"}
and --position-file keeps the positions of all, as JSON. A user whose stream
fails for good is told on stderr; the others go on. Five are started a second.

A position file is one process's at a time: FILE.lock beside it, which is empty
and stays, keeps a second one out.

Ctrl-C stops: the events in hand are written first, and you are told how to go
on. Ctrl-C again ends at once.

Examples:
  Have a look, at a simulated Box:
    box-events watch
  See what happens in your own account from now on:
    export BOX_TOKEN=…
    box-events watch
  Go on for longer than the hour that a token holds, with an app of yours:
    export BOX_CLIENT_ID=… BOX_CLIENT_SECRET=… BOX_USER_ID=…
    box-events watch
  List everything that Box still has, then what is new:
    box-events watch --from 0 | jq -r 'select(.type == "event").event_type'
  Keep the events in one file and the position in another; the same command goes
  on where it stopped:
    box-events watch --position-file box.position >> events.jsonl
  Follow everybody in a file, which has an id on each line:
    box-events watch --users users.txt --position-file box.json >> events.jsonl
  Keep both in one file, and go on from the last position in it:
    box-events watch >> box.jsonl
    last=$(grep '^{"type":"position"' box.jsonl | tail -n 1 | tr -dc 0-9)
    box-events watch --from "$last" >> box.jsonl`;

async function watch(options: WatchOptions): Promise<void> {
  if (options.positionFile !== undefined && !hasCredentials(process.env)) {
    throw misuse(
      '--position-file needs BOX_TOKEN or BOX_CLIENT_ID: a position of the simulated Box means nothing to yours.',
    );
  }
  if (options.users !== undefined) return watchUsers({ ...options, users: options.users });
  const file = options.positionFile === undefined ? undefined : await openPositionFile(options.positionFile);
  const connection = await connect(process.env, options.user);
  try {
    // What the simulated Box has is what happened since it began, a moment ago.
    const from = options.from ?? (connection.isSimulated ? '0' : 'now');
    const streamPosition = file?.streamPosition ?? from;
    const progress = createProgress();
    progress.say(describeStart(streamPosition, { options, connection, file }));
    const ending = await follow({
      services: connection.services,
      input: { streamPosition, userId: options.user, streamType: options.streamType },
      output: createEventOutput(process.stdout, options),
      positionFile: file,
      progress,
    });
    if (ending.how === 'closedPipe') return;
    const end = describeEnd(ending, { options, connection, file });
    if (ending.how === 'failed') throw new CommandError(end, { exitCode: 1, cause: ending.error });
    progress.say(end);
  } finally {
    file?.close();
    await connection.close();
  }
}

interface Session {
  readonly options: WatchOptions;
  readonly connection: Connection;
  readonly file: PositionFile | undefined;
}

function describeStart(streamPosition: string, { options, connection, file }: Session): string {
  if (connection.isSimulated) {
    return 'Following a simulated Box. Set BOX_TOKEN to an access token to follow yours. Ctrl-C stops.';
  }
  const whom = options.user === undefined ? '' : ` as user ${options.user}`;
  const source = file?.streamPosition === undefined ? '' : `, as ${options.positionFile} says`;
  const instead = source && options.from !== undefined ? ` instead of --from ${options.from}` : '';
  return `Following ${connection.services.apiUrl}${whom} from ${streamPosition}${source}${instead}.`;
}

function describeEnd({ how, streamPosition, error }: Ending, session: Session): string {
  const { options, connection } = session;
  const place = streamPosition === 'now' ? '' : ` at ${streamPosition}`;
  const what = how === 'failed' ? describeError(error).replace(/\.$/, '') : `Stopped${place}`;
  if (connection.isSimulated) return `${what}. The simulated Box is gone.`;
  // The same command does it where nothing moved; and a start that Box refused is nowhere to go on from.
  if (options.positionFile === undefined && streamPosition === (options.from ?? 'now')) return `${what}.`;
  return `${what}. Go on with: ${resumeCommand(placeOf(session, streamPosition), options)}`;
}

function placeOf({ options: { positionFile, from }, file }: Session, streamPosition: string): string {
  if (positionFile === undefined) return `--from ${streamPosition}`;
  // Before its first page nothing is kept, and it is to start there again.
  const isKept = file?.streamPosition !== undefined || streamPosition !== from;
  return `--position-file ${quote(positionFile)}${isKept ? '' : ` --from ${from}`}`;
}
