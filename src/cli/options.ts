import { InvalidArgumentError, Option } from 'commander';
import type { StreamType } from '../../machines/stream-input.ts';
import { isPosition } from '../../machines/stream-position.ts';

/** `--user`, for every command that asks Box. */
export function userOption(): Option {
  return new Option('--user <id>', 'act for this user (header as-user), with a token that may').argParser(
    readUser,
  );
}

/** `--users`, for many at once. */
export function usersOption(): Option {
  return new Option(
    '--users <file|ids>',
    'act for each of these users (header as-user), with a token that may: ids with commas between, or a file with an id on each line (# begins a comment)',
  ).conflicts('user');
}

/** `--stream-type`, for every command that asks Box. */
export function streamTypeOption(): Option {
  return new Option(
    '--stream-type <type>',
    'all; changes, which are those to files and folders; or sync, those to what is synchronized',
  )
    .argParser(readStreamType)
    .default('all');
}

/** `--from`, where a stream starts. */
export function fromOption(): Option {
  return new Option(
    '--from <position>',
    'where to start: now; 0, with all that Box still has (two weeks to two months); or a position (default: now)',
  ).argParser(readPosition);
}

/** `--port`, where a command listens. */
export function portOption(description: string): Option {
  return numberOption('--port <port>', `${description}; 0 is any free port`, {
    least: 0,
    most: 65_535,
    default: 0,
  });
}

/** An option that takes a whole number. */
export function numberOption(
  flags: string,
  description: string,
  { least, most, default: value }: { least: number; most?: number; default: number },
): Option {
  return new Option(flags, description).default(value).argParser((text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= (most ?? number)) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least}${most ? ` to ${most}` : ''}.`);
  });
}

function readUser(value: string): string {
  if (/^\w+$/.test(value)) return value;
  throw new InvalidArgumentError('It must be the id of a Box user.');
}

function readStreamType(value: string): StreamType {
  if (value === 'all' || value === 'changes' || value === 'sync') return value;
  throw new InvalidArgumentError(
    value === 'admin_logs' || value === 'admin_logs_streaming'
      ? "It is the enterprise's: Box does not announce its events by long poll, so they cannot be followed."
      : 'It must be all, changes or sync.',
  );
}

function readPosition(value: string): string {
  if (value === 'now' || isPosition(value)) return value;
  throw new InvalidArgumentError('It must be now, 0 or a position that Box gave, a decimal number.');
}
