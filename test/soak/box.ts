import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BoxOptions, FromBox } from './box-messages.ts';

type Ready = Extract<FromBox, { type: 'ready' }>;
type Rest = Extract<FromBox, { type: 'rest' }>;

/** A simulated Box in a process of its own. */
export interface SoakBox extends Ready {
  /** How many events were published, as far as it has told. */
  readonly published: number;
  readonly heldPolls: number;
  /** Has nothing happen any more, and nothing go wrong. */
  rest(): Promise<Rest>;
  end(): Promise<void>;
}

const script = fileURLToPath(new URL('box-process.ts', import.meta.url));

export async function startBox(options: BoxOptions): Promise<SoakBox> {
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const exit = once(child, 'exit');
  const ready = Promise.withResolvers<Ready>();
  const rest = Promise.withResolvers<Rest>();
  let isEnding = false;
  let published = 0;
  let heldPolls = 0;
  child.on('message', (message: FromBox) => {
    if (message.type === 'ready') ready.resolve(message);
    else if (message.type === 'rest') rest.resolve(message);
    else ({ published, heldPolls } = message);
  });
  child.once('exit', (code) => {
    if (isEnding) return;
    const error = new Error(`The simulated Box ended by itself, with ${code}.`);
    ready.reject(error);
    rest.reject(error);
  });
  rest.promise.catch(() => {});

  return {
    ...(await ready.promise),
    get published() {
      return published;
    },
    get heldPolls() {
      return heldPolls;
    },
    rest() {
      child.send('rest');
      return rest.promise;
    },
    async end() {
      isEnding = true;
      child.disconnect();
      await exit;
    },
  };
}
