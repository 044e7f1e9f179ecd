import { perform } from '../../src/simulator/deeds.ts';
import { type UserEventType, userEventTypes } from '../../src/simulator/event-types.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { Office } from '../../src/simulator/office.ts';
import { createRandom } from '../../src/simulator/random.ts';

/** A simulated Box in which people work when they are told to, and that knows what there is. */
export interface WorkingBox {
  readonly box: Simulator;
  /** Has so many things happen at once. */
  work(count: number): void;
  /** What a mirror should hold: told by what there is, not by what the events say. */
  readonly truth: Truth;
}

export interface Truth {
  /** The folders and files of which an event has told. */
  readonly items: readonly TrueItem[];
  /** Of every event. */
  readonly eventIds: readonly string[];
  /** Of the events that are about a folder or a file. */
  readonly itemEventIds: readonly string[];
}

export interface TrueItem {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly parentId: string;
  readonly status: string;
  readonly sequence: string | null;
  /** How many events have told of it. */
  readonly events: number;
}

/** Starts one; a poll is held for half a second, and one that is dead is given up after a second. */
export async function createWorkingBox(seed: number): Promise<WorkingBox> {
  const box = await createSimulator({ seed, reconnectAfter: 500, retryTimeout: 1 });
  const random = createRandom(seed);
  const [owner] = box.users;
  if (!owner) throw new Error('There is nobody to work.');
  const office = new Office({ owner, random, now: Date.now });

  return {
    box,
    work(count) {
      for (let deed = 0; deed < count; deed += 1) {
        if (random.next() < 0.2) office.turnToOtherWork();
        box.publish(perform(random.pick(deeds), office));
      }
    },
    get truth() {
      return truthOf(office, box.eventsOf());
    },
  };
}

// What changes a tree is most of what happens; the rest of Box's types happen, too.
const changes = [
  'ITEM_CREATE',
  'ITEM_UPLOAD',
  'ITEM_UPLOAD',
  'ITEM_RENAME',
  'ITEM_MOVE',
  'ITEM_COPY',
  'ITEM_TRASH',
  'ITEM_TRASH',
  'ITEM_UNDELETE_VIA_TRASH',
] as const;
const deeds: readonly [UserEventType, ...UserEventType[]] = [
  ...changes,
  ...changes,
  ...changes,
  ...changes,
  ...userEventTypes,
];

interface Told {
  sequence: string | null;
  events: number;
}

function truthOf(office: Office, events: readonly { event_id?: unknown; source?: unknown }[]): Truth {
  const told = new Map<string, Told>();
  const itemEventIds: string[] = [];
  for (const { event_id: eventId, source } of events) {
    const { type, id, item_type, item_id, sequence_id } = Object(source);
    const key = `${type ?? item_type} ${id ?? item_id}`;
    if (!/^(folder|file) /.test(key)) continue;
    const { sequence, events: count } = told.get(key) ?? { sequence: null, events: 0 };
    told.set(key, { sequence: sequence_id ?? sequence, events: count + 1 });
    itemEventIds.push(String(eventId));
  }
  const items = [...office.folders, ...office.files, ...office.trash].flatMap((item) => {
    const telling = told.get(`${item.type} ${item.id}`);
    if (!telling) return [];
    const isTrashed = item.type === 'file' && item.isTrashed;
    return {
      type: item.type,
      id: item.id,
      name: item.name,
      parentId: isTrashed ? '1' : (item.parent?.id ?? ''),
      status: isTrashed ? 'trashed' : 'active',
      ...telling,
    };
  });
  return { items, eventIds: events.map(({ event_id: eventId }) => String(eventId)), itemEventIds };
}
