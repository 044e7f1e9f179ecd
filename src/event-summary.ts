import type { BoxEvent } from '../machines/box-event.ts';
import { oneLine } from './one-line.ts';
import { field } from './property.ts';

/** What a line about an event says, each part fit for a terminal; a part that the event lacks is empty. */
export interface EventSummary {
  /** When it happened. */
  readonly at: Date | undefined;
  readonly type: string;
  /** Who did it. */
  readonly who: string;
  /** To what: the name of an item, the message of a comment or a task, the person of a collaboration. */
  readonly what: string;
  /** Where: the folders above an item, from the top down, or the one thing that a comment, a task, … belongs to. */
  readonly where: readonly string[];
}

/** Says in short what happened. Box requires no field, so none is relied upon, nor its type. */
export function summarize(event: BoxEvent): EventSummary {
  return {
    at: readDate(event.created_at) ?? readDate(event.recorded_at),
    type: textOf(event, 'event_type'),
    who: whoDid(event.created_by),
    what: describeSource(event.source),
    where: placeOf(event.source),
  };
}

// Box's user 2 has no name: somebody who followed a shared link.
function whoDid(user: unknown): string {
  return textOf(user, 'id') === '2' && !textOf(user, 'name') ? 'anonymous' : nameOf(user);
}

function describeSource(source: unknown): string {
  const user = field(source, 'user') ?? field(source, 'accessible_by') ?? field(source, 'assigned_to');
  const role = textOf(source, 'role');
  if (user) return role ? `${nameOf(user)} (${role})` : nameOf(user);
  const message = textOf(source, 'message');
  if (message) return `“${message}”`;
  // Some sources have `item_type`, `item_id` and `item_name` instead.
  const type = textOf(source, 'type') || textOf(source, 'item_type');
  const name = ['name', 'item_name', 'login'].map((key) => textOf(source, key)).find((text) => text !== '');
  if (name) return type === 'folder' ? `${name}/` : name;
  return `${type} ${textOf(source, 'id') || textOf(source, 'item_id')}`.trim();
}

function placeOf(source: unknown): readonly string[] {
  const path = field(field(source, 'path_collection'), 'entries');
  if (Array.isArray(path) && path.length > 0) {
    // All paths begin in the root folder, so it says something only where it is all.
    const folders = path.length > 1 && textOf(path[0], 'id') === '0' ? path.slice(1) : path;
    return folders.slice(-mostFolders).map(nameOf);
  }
  const place = field(source, 'item') ?? field(source, 'group') ?? field(source, 'parent');
  return place ? [nameOf(place)] : [];
}

function nameOf(thing: unknown): string {
  return textOf(thing, 'name') || textOf(thing, 'login') || textOf(thing, 'id');
}

function textOf(thing: unknown, name: string): string {
  const value = field(thing, name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? oneLine(value.slice(0, longestText)) : '';
}

function readDate(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

// More than any terminal shows in a line, and little enough to be measured at no cost.
const longestText = 1_000;
const mostFolders = 20;
