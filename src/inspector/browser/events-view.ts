import type { SeenEvent } from '../messages.ts';
import { byId, make } from './elements.ts';
import { clockTime } from './words.ts';

const mostEvents = 50;

/** Shows events of Box, the latest first. */
export function showEvents(events: readonly SeenEvent[]): void {
  const list = byId('events');
  for (const { at, type, who, what } of events.slice(-mostEvents)) {
    const entry = make('li', '');
    const about = make('span', '');
    about.append(make('span', 'type', type), ` ${[what, who].filter((text) => text !== '').join(', by ')}`);
    entry.append(make('time', '', at === null ? '' : clockTime(at)), about);
    list.prepend(entry);
  }
  while (list.children.length > mostEvents) list.lastElementChild?.remove();
  byId('no-events').hidden = list.children.length > 0;
}

/** Forgets all, for another stream. */
export function clearEvents(): void {
  byId('events').replaceChildren();
  byId('no-events').hidden = false;
}
