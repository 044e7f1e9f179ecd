import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../../src/simulator/index.ts';

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** A `box-events` that runs as a process of its own. */
export type Cli = ReturnType<typeof startCli>;

/** Starts `box-events` with nothing of our own environment that it would obey. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return start(process.execPath, [main, ...args], env);
}

/** Starts a shell in which `box-events` is the command, so that it can stand in a pipe. */
export function startShell(script: string, env: Readonly<Record<string, string>> = {}) {
  return start('sh', ['-c', `box_events() { '${process.execPath}' '${main}' "$@"; }; ${script}`], env);
}

/** Runs `box-events` to its end. */
export async function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cli = startCli(args, env);
  const exitCode = await cli.exitCode;
  return { exitCode, stdout: cli.stdout, stderr: cli.stderr };
}

/** The environment in which `box-events` follows the first user of a simulated Box. */
export function environmentOf(box: Simulator): { BOX_API_URL: string; BOX_TOKEN: string } {
  return { BOX_API_URL: box.apiUrl, BOX_TOKEN: box.token };
}

/** The environment in which it gets its tokens by itself: for the first user, or for the enterprise. */
export function appOf(box: Simulator, whom: 'user' | 'enterprise'): Record<string, string> {
  const { clientId, clientSecret, enterpriseId } = box.application;
  return {
    ...{ BOX_API_URL: box.apiUrl, BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret },
    ...(whom === 'user' ? { BOX_USER_ID: box.users[0]?.id ?? '' } : { BOX_ENTERPRISE_ID: enterpriseId }),
  };
}

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, TZ: 'UTC', NO_PROXY: '*', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A shell's children end with it only as a group.
    detached: command === 'sh',
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const notice = () => {
    for (const look of waiting) look();
  };
  const take = (text: string) => {
    stdout += text;
    notice();
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    notice();
  });
  const cli = {
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    /** The whole lines on stdout so far, each parsed as JSON. */
    get lines(): { type?: unknown; [field: string]: unknown }[] {
      return stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    },
    /**
     * Reads no more of stdout until `read()`, however much comes. Resolves when something has come.
     */
    holdBack(): Promise<void> {
      child.stdout.off('data', take).pause();
      return new Promise((resolve) => child.stdout.once('readable', resolve));
    },
    /** Reads stdout again. */
    read() {
      child.stdout.on('data', take).resume();
    },
    /** Reads nothing ever again, as a reader that has ended. */
    closePipe: () => child.stdout.destroy(),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves as soon as the condition holds, which is looked at whenever the process has said something. */
    until(condition: () => boolean): Promise<void> {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (condition()) resolve();
          else if (child.exitCode === null) return;
          else reject(new Error(`It ended with ${child.exitCode} first: ${stderr}`));
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    },
    exitCode: new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', (code) => {
        notice();
        const said = stdout + stderr;
        const told = [env.BOX_TOKEN, env.BOX_CLIENT_SECRET].some((secret) => secret && said.includes(secret));
        if (told) reject(new Error(`It tells the token, or the secret: ${said}`));
        else resolve(code);
      });
    }),
    [Symbol.asyncDispose]: async () => {
      child.stdout.destroy();
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      process.kill(command === 'sh' ? -child.pid : child.pid, 'SIGKILL');
      await new Promise((resolve) => child.on('exit', resolve));
    },
  };
  return cli;
}
