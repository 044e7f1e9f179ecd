import type { Row } from '../messages.ts';
import { byId, write } from './elements.ts';
import { duration } from './words.ts';

/** What the stream that is open does now, since when, and why. */
export interface StatusView {
  show(row: Row, about: string): void;
  /** Lets time pass. */
  tick(now: number): void;
}

export function createStatusView(): StatusView {
  let row: Row | undefined;

  const drawTimes = (now: number) => {
    if (!row) return;
    const { state, status, since, resumesAt } = row;
    const word = state === 'polling' && status === 'active' ? 'the poll is held for' : 'for';
    write(
      byId('state-for'),
      status === 'active' || status === 'error' ? `${word} ${duration(now - since)}` : '',
    );
    write(byId('lag'), describeLag(row, now));
    byId('countdown').hidden = resumesAt === null;
    if (resumesAt === null) return;
    const bar = byId('countdown-bar');
    if (bar instanceof HTMLProgressElement) {
      bar.max = Math.max(1, resumesAt - since);
      bar.value = Math.min(bar.max, Math.max(0, now - since));
    }
    write(byId('countdown-text'), `tries again in ${duration(resumesAt - now)}`);
  };

  return {
    show(next, about) {
      row = next;
      const { name, state, status, error, failures, delivered, streamPosition } = next;
      write(byId('name'), name);
      write(byId('state-name'), status === 'error' ? `failed while ${state}` : state);
      write(
        byId('about'),
        status === 'error' ? 'Such a failure does not pass by itself: it ends the stream.' : about,
      );
      byId('why').hidden = error === null;
      write(byId('why'), explain(next));
      write(byId('delivered'), `${delivered} ${delivered === 1 ? 'event' : 'events'}`);
      write(byId('failures'), String(failures));
      write(byId('position'), streamPosition);
      drawButtons(next);
    },
    tick: drawTimes,
  };
}

function explain({ error, status, attempt, state }: Row): string {
  if (error === null) return '';
  if (status === 'error' || attempt === 0) return error;
  return state === 'backingOff'
    ? `Failure ${attempt} in a row: ${error}`
    : `After ${attempt} in a row: ${error}`;
}

function describeLag({ status, behindSince, attempt }: Row, now: number): string {
  if (status !== 'active') return 'not known: it has ended';
  if (behindSince !== null) return duration(now - behindSince);
  return attempt > 0 ? 'not known until it can ask again' : 'nothing: caught up';
}

function drawButtons({ state, status, canRestart }: Row): void {
  const isActive = status === 'active';
  const isPaused = state === 'paused' || state.startsWith('delivering.page.pausing');
  const isStopping = state.startsWith('delivering.page.stopping');
  enable('pause', isActive && !isPaused && !isStopping);
  enable('resume', isActive && isPaused);
  enable('stop', isActive && !isStopping);
  byId('restart').hidden = isActive || !canRestart;
}

function enable(id: string, isEnabled: boolean): void {
  const button = byId(id);
  if (button instanceof HTMLButtonElement) button.disabled = !isEnabled;
}
