import type { Row } from '../messages.ts';
import { byId, make, write } from './elements.ts';
import { duration } from './words.ts';

/** The list of the streams. */
export interface ListView {
  /** Shows rows that are new or have changed. */
  show(rows: readonly Row[]): void;
  /** Marks the stream that is open. */
  mark(id: string | undefined): void;
  /** Lets time pass. */
  tick(now: number): void;
}

interface Item {
  row: Row;
  readonly entry: HTMLElement;
  readonly button: HTMLElement;
  readonly name: HTMLElement;
  readonly about: HTMLElement;
}

/** @param onOpen Is called when a stream is chosen. */
export function createListView(onOpen: (id: string) => void): ListView {
  const items = new Map<string, Item>();
  const list = byId('rows');
  const find = byId('find');
  const onlyTroubled = byId('in-trouble');
  let now = Date.now();

  const filter = () => {
    const words = find instanceof HTMLInputElement ? find.value.trim().toLowerCase() : '';
    const isStrict = onlyTroubled instanceof HTMLInputElement && onlyTroubled.checked;
    for (const { row, entry } of items.values()) {
      const isFound = `${row.name} ${row.state} ${row.error ?? ''}`.toLowerCase().includes(words);
      entry.hidden = !isFound || (isStrict && !isInTrouble(row));
    }
    write(
      byId('count'),
      `(${[...items.values()].filter(({ entry }) => !entry.hidden).length} of ${items.size})`,
    );
  };

  const add = (row: Row): Item => {
    const entry = make('li', '');
    const button = make('button', '');
    const item = { row, entry, button, name: make('span', 'name'), about: make('span', 'about') };
    button.setAttribute('type', 'button');
    button.append(item.name, item.about);
    button.addEventListener('click', () => onOpen(row.id));
    entry.append(button);
    list.append(entry);
    items.set(row.id, item);
    return item;
  };

  const draw = ({ row, entry, name, about }: Item) => {
    write(name, row.name);
    write(about, describe(row, now));
    entry.classList.toggle('troubled', isInTrouble(row));
    entry.classList.toggle('ended', row.status !== 'active');
  };

  find.addEventListener('input', filter);
  onlyTroubled.addEventListener('change', filter);
  list.addEventListener('keydown', (event) => moveFocus(event, list));
  return {
    show(rows) {
      for (const row of rows) {
        const item = items.get(row.id) ?? add(row);
        item.row = row;
        draw(item);
      }
      const isMany = items.size > 1;
      byId('streams').hidden = !isMany;
      byId('streams').parentElement?.classList.toggle('many', isMany);
      if (isMany && rows.length > 0) filter();
    },
    mark(id) {
      for (const [key, { button }] of items) {
        if (key === id) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },
    tick(time) {
      now = time;
      // Only what says how much time has passed changes with it.
      for (const item of items.values()) {
        if (item.row.behindSince !== null || item.row.resumesAt !== null) draw(item);
      }
    },
  };
}

/** Whether somebody should look at it. */
export function isInTrouble({ status, attempt, state }: Row): boolean {
  return status === 'error' || attempt > 0 || state === 'backingOff';
}

/** The arrow keys, Home and End move among the buttons of a list. */
export function moveFocus(event: KeyboardEvent, list: HTMLElement): void {
  const buttons = [...list.querySelectorAll('button')].filter((button) => !button.closest('[hidden]'));
  const index = buttons.findIndex((button) => button.matches(':focus'));
  const targets: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: buttons.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined || index < 0) return;
  event.preventDefault();
  buttons[Math.min(buttons.length - 1, Math.max(0, target))]?.focus();
}

function describe({ state, status, behindSince, failures, resumesAt }: Row, now: number): string {
  const parts = [
    status === 'active' ? state : `${state}, ${status === 'error' ? 'failed' : status}`,
    ...(resumesAt === null ? [] : [`again in ${duration(resumesAt - now)}`]),
    ...(behindSince === null ? [] : [`${duration(now - behindSince)} behind`]),
    ...(failures === 0 ? [] : [`${failures} ${failures === 1 ? 'failure' : 'failures'}`]),
  ];
  return parts.join(' · ');
}
