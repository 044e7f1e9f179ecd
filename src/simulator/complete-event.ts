import { perform } from './deeds.ts';
import { boxTime, describePerson } from './descriptions.ts';
import { isUserEventType } from './event-types.ts';
import type { Office } from './office.ts';
import type { SimulatorEvent } from './simulator-event.ts';

/**
 * Adds what an event does not say: without a source, somebody in the office does what its type says (by default, uploads a file). A
 * field that is given wins, and is left out where it is given as `undefined`.
 */
export function completeEvent(event: SimulatorEvent, office: Office): SimulatorEvent {
  const { event_type: eventType = 'ITEM_UPLOAD' } = event;
  const isTold = 'source' in event || !isUserEventType(eventType);
  const completed: SimulatorEvent = {
    type: 'event',
    event_id: office.random.hex(40),
    created_by: describePerson(office.owner),
    created_at: boxTime(office.now),
    recorded_at: boxTime(office.now),
    event_type: eventType,
    session_id: office.sessionId,
    source: null,
    ...(isTold ? {} : perform(eventType, office)),
    ...event,
  };
  for (const [field, value] of Object.entries(completed)) if (value === undefined) delete completed[field];
  return completed;
}
