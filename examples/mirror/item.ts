import type { BoxEvent } from 'box-events';

/** A folder or a file, as far as an event tells of it. */
export interface Item {
  readonly type: 'folder' | 'file';
  /** Unique among the items of its type. */
  readonly id: string;
  readonly name: string | null;
  /** The folder that it lies in: `0` is "All Files", `1` the trash. */
  readonly parentId: string | null;
  /** `active`, `trashed` or `deleted`, in Box's words. */
  readonly status: string;
  /** Counts the changes of the item, as a decimal number: of two events about it, the one with the greater number is the later one. */
  readonly sequence: string | null;
}

/**
 * The folder or file that an event is about. Its `source` is the item as it was right after the event, so creating, uploading, renaming,
 * moving, copying, trashing and taking back out of the trash are all told alike: by what the item is now.
 */
export function itemOf({ event_type: eventType, source }: BoxEvent): Item | undefined {
  // Some sources have a shorter form, with `item_` before the names of their fields.
  const type = source?.type ?? source?.item_type;
  const id = textOf(source?.id ?? source?.item_id);
  if ((type !== 'folder' && type !== 'file') || id === null) return undefined;
  return {
    type,
    id,
    name: textOf(source?.name ?? source?.item_name),
    parentId: textOf(source?.parent?.id),
    status: textOf(source?.item_status) ?? (eventType === 'ITEM_TRASH' ? 'trashed' : 'active'),
    sequence: /^\d{1,18}$/.exec(textOf(source?.sequence_id) ?? '')?.[0] ?? null,
  };
}

/** A text that every database takes. What comes over the network has the types that it has: a number here must not end the mirror. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : null;
}
