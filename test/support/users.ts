import { createActor, fromPromise, type SimulatedClock } from 'xstate';
import { boxEventsMachine, type Delivery } from '../../machines/box-events.machine.ts';
import { type BoxUsersEmitted, boxUsersMachine } from '../../machines/box-users.machine.ts';
import { createUserStreams } from '../../machines/user-streams.ts';
import type { UsersInput } from '../../machines/users-input.ts';
import { createServices, type ServicesOptions } from '../../src/services.ts';
import type { Simulator } from '../../src/simulator/index.ts';

/** Streams of many users over the real services, with what a listener sees of them. */
export function followUsers(
  { box, clock }: { box: Simulator; clock: SimulatedClock },
  input: UsersInput = {},
  {
    deliver = async () => {},
    ...options
  }: Partial<ServicesOptions> & { deliver?: (page: Delivery) => Promise<void> } = {},
) {
  const services = createServices({
    token: box.serviceToken,
    asUser: true,
    apiUrl: box.apiUrl,
    ...options,
  });
  const stream = boxEventsMachine.provide({
    actors: { ...services, deliver: fromPromise<void, Delivery>(({ input: page }) => deliver(page)) },
  });
  const machine = boxUsersMachine.provide({ actors: { streams: createUserStreams(stream) } });
  const actor = createActor(machine, { input, clock });
  const emitted: BoxUsersEmitted[] = [];
  actor.on('*', (event) => emitted.push(event));
  actor.start();

  return {
    actor,
    emitted,
    of: <T extends BoxUsersEmitted['type']>(type: T) =>
      emitted.filter((event): event is Extract<BoxUsersEmitted, { type: T }> => event.type === type),
  };
}
