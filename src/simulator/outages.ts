import type { SimulatorClock } from './clock.ts';
import { type Fault, kindsOf } from './fault.ts';
import type { Listening } from './host.ts';

interface Hosts {
  clock: SimulatorClock;
  api: Listening;
  realtime: readonly Listening[];
}

/**
 * Begins a fault that closes ports: at its `from` the hosts that serve its kinds of request are closed, at its `until` they are opened
 * again. Returns what ends it before.
 */
export function beginOutage(fault: Fault, { clock, api, realtime }: Hosts): () => Promise<void> {
  const { from = 0, until } = fault;
  const kinds = kindsOf(fault);
  const hosts = [
    ...(kinds.some((kind) => kind !== 'poll') ? [api] : []),
    ...(kinds.includes('poll') ? realtime.filter((_, index) => index === (fault.server ?? index)) : []),
  ];
  const timers: unknown[] = [];
  let changing: Promise<unknown> = Promise.resolve();

  const change = (work: (host: Listening) => Promise<void>) => {
    // A port that somebody else has taken meanwhile stays closed.
    changing = changing.then(() => Promise.all(hosts.map(work))).catch(() => {});
  };
  const open = () => change((host) => host.reopen(fault.what === 'move' ? 'another' : 'same'));
  const schedule = (work: () => void, delay: number) => {
    if (delay === 0) work();
    else timers.push(clock.setTimeout(work, delay));
  };
  schedule(() => change((host) => host.close()), from);
  if (until !== undefined) schedule(open, until);

  return async () => {
    for (const timer of timers) clock.clearTimeout(timer);
    open();
    await changing;
  };
}

/** Whether a fault closes ports rather than spoils answers. */
export function isOutage({ what }: Fault): boolean {
  return what === 'refuse' || what === 'move';
}
