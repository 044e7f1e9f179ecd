import { filePositions } from '../positions/file-positions.ts';
import type { OpenPositions } from '../positions/positions.ts';
import { CommandError, describeError, failWith } from './command-error.ts';
import { connect } from './connection.ts';
import { createProgress } from './create-progress.ts';
import { createEventOutput } from './event-output.ts';
import { followUsers, type UsersEnding } from './follow-users.ts';
import { quote, type Resumable, resumeCommand } from './resume-command.ts';
import { readUserIds } from './user-ids.ts';

interface WatchUsersOptions extends Resumable {
  readonly users: string;
  readonly from?: string;
  readonly positionFile?: string;
}

/** What `box-events watch --users` does. */
export async function watchUsers(options: WatchUsersOptions): Promise<void> {
  const { from: streamPosition = 'now', positionFile, streamType } = options;
  const userIds = await readUserIds(options.users);
  const connection = await connect(process.env, userIds[0]);
  const positions = positionFile === undefined ? undefined : await openPositions(positionFile);
  const progress = createProgress();
  progress.say(
    `Following ${userIds.length === 1 ? 'a user' : `${userIds.length} users`} of ${connection.services.apiUrl} from ${streamPosition}${positionFile === undefined ? '' : `, or from where ${positionFile} says`}.`,
  );
  try {
    const ending = await followUsers({
      services: connection.services,
      users: userIds.map((userId) => ({ userId, streamPosition })),
      streamType,
      output: createEventOutput(process.stdout, { ...options, ofUsers: true }),
      positions,
      progress,
    });
    if (ending.how === 'closedPipe') return;
    const end = describeEnd(ending, { options, total: userIds.length });
    if (ending.how === 'failed') throw new CommandError(end, { exitCode: 1, cause: ending.error });
    progress.say(end);
  } finally {
    await positions?.close();
    await connection.close();
  }
}

// Opened before anything is asked: a file that is damaged or in use is told by itself.
async function openPositions(path: string): Promise<OpenPositions> {
  const positions = filePositions(path);
  try {
    await positions.load('');
    return positions;
  } catch (error) {
    return failWith(error);
  }
}

function describeEnd(
  { how, failed, error }: UsersEnding,
  { options, total }: { options: WatchUsersOptions; total: number },
): string {
  const { positionFile, from } = options;
  // Those whose turn had not come have no position in the file: they are to start there again.
  const start = from === undefined ? '' : ` --from ${from}`;
  const next =
    positionFile === undefined
      ? 'With --position-file, the next run goes on where each user stands.'
      : `Go on with: ${resumeCommand(`--position-file ${quote(positionFile)}${start}`, options)}`;
  const whose = failed === total && total > 1 ? `All ${total} users failed; the last one said: ` : '';
  const others = failed > 0 && failed < total ? `, after ${failed} of ${total} users had failed` : '';
  const what = how === 'failed' ? describeError(error).replace(/\.$/, '') : 'Stopped';
  return `${whose}${what}${others}. ${next}`;
}
