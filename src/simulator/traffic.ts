import type { SimulatorClock } from './clock.ts';
import { perform } from './deeds.ts';
import type { UserEventType } from './event-types.ts';
import { Office } from './office.ts';
import { createRandom, type Random } from './random.ts';
import type { SimulatorEvent } from './simulator-event.ts';
import type { SimulatorUser } from './users.ts';

/** How much happens, and to whom. */
export interface TrafficOptions {
  /** The same seed gives the same events, in the same rhythm. @default 1 */
  seed?: number;
  /** How much happens, on average, to all users taken together. @default 30 */
  eventsPerMinute?: number;
  /** To whom it happens. @default each user in turn, by chance */
  userId?: string;
}

interface Surroundings {
  users: readonly SimulatorUser[];
  clock: SimulatorClock;
  publish: (event: SimulatorEvent, userId: string) => void;
}

/**
 * Has people work: somebody does a few related things within seconds, then nothing happens for a while, then somebody else begins. Each
 * user has folders and files of their own, and whatever is done is done to something that is there. Returns a function that stops it.
 */
export function startTraffic(options: TrafficOptions, { users, clock, publish }: Surroundings): () => void {
  const { seed = 1, eventsPerMinute = 30, userId } = options;
  if (!(eventsPerMinute > 0))
    throw new RangeError(`eventsPerMinute must be positive, not ${eventsPerMinute}`);
  const random = createRandom(seed);
  const owners = users.filter(({ id }) => userId === undefined || id === userId);
  if (owners.length === 0) throw new Error(`There is no user ${userId ?? ''}`);
  const offices = new Map<SimulatorUser, Office>();
  const pace = 60_000 / eventsPerMinute;
  let timer: unknown;
  begin(0);

  /** A story begins after a delay: somebody turns to something. */
  function begin(delay: number): void {
    timer = clock.setTimeout(() => {
      const owner = owners[random.integer(0, owners.length - 1)];
      if (owner === undefined) return;
      const office = offices.get(owner) ?? new Office({ owner, random, now: () => clock.now() });
      offices.set(owner, office);
      office.turnToOtherWork();
      tell(office, chooseStory(random), 0);
    }, delay);
  }

  /** Deeds of a story follow each other faster than the pace, and the time that this saves is quiet at its end. */
  function tell(office: Office, [deed, ...rest]: readonly UserEventType[], saved: number): void {
    if (deed !== undefined) publish(perform(deed, office), office.owner.id);
    if (rest.length === 0) {
      begin(saved + pace);
      return;
    }
    const gap = pace * (0.1 + random.next() * 0.6);
    timer = clock.setTimeout(() => tell(office, rest, saved + pace - gap), gap);
  }

  return () => clock.clearTimeout(timer);
}

/** What people do in a row, and how often compared with the other stories. */
const stories: readonly { weight: number; deeds: readonly UserEventType[] }[] = [
  { weight: 8, deeds: ['ITEM_UPLOAD', 'ITEM_UPLOAD', 'ITEM_UPLOAD', 'ITEM_RENAME', 'ITEM_SHARED_CREATE'] },
  { weight: 8, deeds: ['ITEM_PREVIEW', 'COMMENT_CREATE'] },
  { weight: 6, deeds: ['ITEM_PREVIEW', 'ITEM_DOWNLOAD', 'ITEM_UPLOAD'] },
  { weight: 6, deeds: ['ITEM_UPLOAD', 'ITEM_PREVIEW'] },
  { weight: 5, deeds: ['LOCK_CREATE', 'ITEM_DOWNLOAD', 'ITEM_UPLOAD', 'LOCK_DESTROY', 'COMMENT_CREATE'] },
  {
    weight: 4,
    deeds: ['ITEM_CREATE', 'COLLAB_INVITE_COLLABORATOR', 'COLLAB_ADD_COLLABORATOR', 'ITEM_SHARED'],
  },
  { weight: 4, deeds: ['ITEM_MOVE', 'ITEM_RENAME'] },
  { weight: 4, deeds: ['ITEM_SHARED_CREATE', 'ITEM_DOWNLOAD', 'ITEM_DOWNLOAD'] },
  { weight: 3, deeds: ['ITEM_COPY', 'ITEM_RENAME', 'ITEM_MOVE'] },
  { weight: 3, deeds: ['TASK_CREATE', 'TASK_ASSIGNMENT_CREATE', 'TASK_ASSIGNMENT_CREATE', 'ITEM_PREVIEW'] },
  { weight: 3, deeds: ['ITEM_TRASH', 'ITEM_TRASH'] },
  { weight: 2, deeds: ['ITEM_TRASH', 'ITEM_UNDELETE_VIA_TRASH'] },
  { weight: 2, deeds: ['ITEM_PREVIEW', 'ITEM_MAKE_CURRENT_VERSION', 'COMMENT_DELETE'] },
  { weight: 2, deeds: ['TAG_ITEM_CREATE', 'TAG_ITEM_CREATE', 'ITEM_SHARED_UNSHARE'] },
  { weight: 2, deeds: ['ITEM_SYNC', 'ITEM_UPLOAD'] },
  { weight: 1, deeds: ['ITEM_UNSYNC'] },
  { weight: 1, deeds: ['COLLAB_ROLE_CHANGE', 'COLLAB_REMOVE_COLLABORATOR'] },
  { weight: 1, deeds: ['GROUP_ADD_USER', 'GROUP_ADD_USER', 'GROUP_REMOVE_USER'] },
  { weight: 0.2, deeds: ['MASTER_INVITE_ACCEPT', 'ACCESS_GRANTED', 'ENABLE_TWO_FACTOR_AUTH'] },
  { weight: 0.2, deeds: ['MASTER_INVITE_REJECT', 'ACCESS_REVOKED'] },
];

function chooseStory(random: Random): readonly UserEventType[] {
  let ticket = random.next() * stories.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, deeds } of stories) {
    ticket -= weight;
    if (ticket < 0) return deeds;
  }
  return [];
}
