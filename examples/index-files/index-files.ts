import type { BoxEvent, BoxSource, Delivery } from 'box-events';

/** Where each file of an account is: by id, the path of names. */
export interface FileIndex {
  readonly paths: ReadonlyMap<string, string>;
  /** The position up to which the index is right. */
  readonly streamPosition: string;
}

export const emptyIndex: FileIndex = { paths: new Map(), streamPosition: '0' };

/**
 * The index after a page of events. It may be given a page twice, and events in any order within what Box does: what an event says of a
 * file replaces what was known of it.
 */
export function indexPage(index: FileIndex, { events, streamPosition }: Delivery): FileIndex {
  const paths = new Map(index.paths);
  for (const event of events) apply(paths, event);
  return { paths, streamPosition };
}

const vanishing = new Set(['ITEM_TRASH']);
const telling = new Set(['ITEM_UPLOAD', 'ITEM_MOVE', 'ITEM_RENAME', 'ITEM_COPY', 'ITEM_UNDELETE_VIA_TRASH']);

function apply(paths: Map<string, string>, { event_type: type = '', source }: BoxEvent): void {
  if (source?.type !== 'file' || source.id === undefined) return;
  if (vanishing.has(type)) paths.delete(source.id);
  else if (telling.has(type)) paths.set(source.id, pathOf(source));
}

function pathOf({ name = '', parent }: BoxSource): string {
  return `${parent?.name ?? ''}/${name}`;
}
