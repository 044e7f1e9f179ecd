import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RequestKind, Simulator, SimulatorRequest } from '../../src/simulator/index.ts';
import { environmentOf } from './cli.ts';

/** A program that follows a simulated Box into a database. */
export interface Program {
  readonly box: Simulator;
  /** The file to run. */
  readonly path: string;
  /** Where its database is. */
  readonly database: string;
  /** The module beside this one that tells of its transactions. */
  readonly probe: string;
  /** The processes that it told of on stdout to have started. They are killed right after it, as where a machine loses its power. */
  readonly childrenOf?: (stdout: string) => readonly number[];
}

/** When to kill it; if that does not come, it is killed a second after its first request. */
export type Aim =
  /** So many milliseconds after it was started. */
  | { readonly after: number }
  /** So many milliseconds after its first request of a kind came, or was answered. */
  | { readonly request: RequestKind; readonly answered: boolean; readonly after: number }
  /** Right before its n-th statement to the database, from 1. */
  | { readonly statement: number };

/** What it was doing when it was killed. */
export type Place =
  | 'starting'
  | 'asking for servers'
  | 'fetching events'
  | 'polling'
  | 'in a transaction'
  | 'between requests';

/** Starts the program and kills it with SIGKILL. Rejects when it ends by itself: nothing that Box does may end it. */
export async function liveAndDie(program: Program, aim: Aim): Promise<Place> {
  const { box, childrenOf } = program;
  const requests = requestsFromNowOn(box);
  const { child, stdout, stderr, marks } = start(program, aim);
  let place: Place | undefined;
  const kill = () => {
    place ??= placeOf(requests().at(-1));
    child.kill('SIGKILL');
  };
  // Where it does not even get so far, as long as a slow machine may take for that.
  const timers = [setTimeout(kill, 10_000)];
  const killAfter = (milliseconds: number) => timers.push(setTimeout(kill, milliseconds));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const killUpon = (isMet: (request: SimulatorRequest) => boolean, milliseconds: number) =>
    box.until(() => isOver() || requests().some(isMet)).then(() => isOver() || killAfter(milliseconds));
  void killUpon(() => true, 1_000);
  if ('request' in aim) {
    void killUpon(({ kind, over }) => kind === aim.request && (over || !aim.answered), aim.after);
  } else if ('after' in aim) killAfter(aim.after);

  const [exitCode, signal] = await once(child, 'exit');
  for (const timer of timers) clearTimeout(timer);
  for (const pid of childrenOf?.(await stdout) ?? []) killIfThere(pid);
  if (signal !== 'SIGKILL') throw new Error(`It ended by itself, with ${exitCode}: ${await stderr}`);
  return isInTransaction(await marks) ? 'in a transaction' : (place ?? placeOf(requests().at(-1)));
}

/**
 * Starts the program, lets it live until it has all that there is and waits for more, and stops it as an operator does. Box repeats to it
 * what others have seen before.
 */
export async function liveUntilCaughtUp(program: Program): Promise<void> {
  const { box } = program;
  const requests = requestsFromNowOn(box);
  const isLast = ({ kind, url }: SimulatorRequest) =>
    kind === 'poll' && url.endsWith(`stream_position=${box.positionOf()}`);
  const lift = box.setFault({ what: 'repeatTail', count: 100 });
  await liveUntil(program, () => requests().some(isLast));
  await lift();
}

/** Starts the program, lets it live until a condition holds, and stops it as an operator does. */
export async function liveUntil(program: Program, condition: () => boolean): Promise<void> {
  const { child, stderr } = start(program);
  const ended = once(child, 'exit');
  await Promise.race([program.box.until(condition), ended]);
  child.kill('SIGTERM');
  const [exitCode] = await ended;
  if (exitCode !== 0) throw new Error(`It ended with ${exitCode}: ${await stderr}`);
}

function start({ box, path, database, probe }: Program, aim?: Aim) {
  const child = spawn(process.execPath, ['--import', fileURLToPath(new URL(probe, import.meta.url)), path], {
    env: {
      ...{ PATH: process.env.PATH, NO_PROXY: '*', ...environmentOf(box), MIRROR_DATABASE: database },
      ...(aim && 'statement' in aim && { KILL_AT_STATEMENT: String(aim.statement) }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, marks] = child.stdio;
  if (!stdout || !stderr || !(marks instanceof Readable)) throw new Error('It has no pipes.');
  return { child, stdout: text(stdout), stderr: text(stderr), marks: text(marks) };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function requestsFromNowOn({ requests }: Simulator): () => readonly SimulatorRequest[] {
  const earlier = new Set(requests);
  return () => requests.filter((request) => !earlier.has(request));
}

function placeOf(request: SimulatorRequest | undefined): Place {
  if (request === undefined) return 'starting';
  if (request.over) return 'between requests';
  return placesByKind[request.kind] ?? 'between requests';
}

const placesByKind: Partial<Record<RequestKind, Place>> = {
  servers: 'asking for servers',
  events: 'fetching events',
  poll: 'polling',
};

// The first transaction makes the tables.
function isInTransaction(marks: string): boolean {
  return marks.endsWith('(') && marks.length > 1;
}
