import type { Row } from '../messages.ts';
import { byId, write } from './elements.ts';
import { isInTrouble } from './list-view.ts';

/** How long a state must last to be told, in milliseconds: a cycle of the chart takes a few. */
const settled = 1_000;

/** Tells a screen reader what the stream does, but not each of its steps. */
export function createAnnouncer(): (row: Row) => void {
  let told = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (row) => {
    const text = sentence(row);
    if (text === told) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        told = text;
        write(byId('said'), text);
      },
      isInTrouble(row) ? 0 : settled,
    );
  };
}

function sentence({ name, state, status, error }: Row): string {
  if (status === 'error') return `${name} failed: ${error}`;
  return error === null || state !== 'backingOff' ? `${name} is ${state}.` : `${name} is ${state}: ${error}`;
}
