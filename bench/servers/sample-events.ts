import { createSimulator, userEventTypes } from 'box-events/simulator';

/** What stands before and after the id in the JSON of an event. */
export interface Sample {
  before: string;
  after: string;
}

/** Events of every type as Box words them, each in two halves around its id. */
export async function sampleEvents(count: number): Promise<Sample[]> {
  await using box = await createSimulator();
  const id = '{id}';
  for (let index = 0; index < count; index += 1) {
    const event_type = userEventTypes[index % userEventTypes.length];
    box.publish({ ...(event_type && { event_type }), event_id: id });
  }
  return box.eventsOf().map((event) => {
    const [before = '', after = ''] = JSON.stringify(event).split(id);
    return { before, after };
  });
}
