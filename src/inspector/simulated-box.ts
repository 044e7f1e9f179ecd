import type { Fault, Simulator } from '../simulator/index.ts';
import type { FaultButton } from './messages.ts';

/** What of a simulated Box the page can do: publish an event, and cause and end faults. */
export interface SimulatedBox {
  readonly buttons: readonly FaultButton[];
  /** Makes something happen to a user, by default the first one. */
  publish(userId: string | undefined): void;
  /** @throws {TypeError} when there is no such fault. */
  setFault(id: string, isOn: boolean): Promise<void>;
}

/** @param onChange Is called when a fault begins or ends. */
export function controlBox(box: Simulator, onChange: () => void): SimulatedBox {
  const endings = new Map<string, () => Promise<void>>();
  return {
    get buttons() {
      return choices.map(({ id, label, says }) => ({ id, label, says, isOn: endings.has(id) }));
    },
    publish(userId) {
      box.publish({}, userId === undefined ? {} : { userId });
    },
    async setFault(id, isOn) {
      const choice = choices.find((other) => other.id === id);
      if (!choice) throw new TypeError('There is no such fault.');
      const end = endings.get(id);
      if (isOn && !end) endings.set(id, box.setFault(choice.fault));
      if (!isOn && end) {
        endings.delete(id);
        await end();
      }
      onChange();
    },
  };
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly says: string;
  readonly fault: Fault;
}

const api = ['servers', 'events'] as const;

const choices: readonly Choice[] = [
  {
    id: 'unavailable',
    label: '503',
    says: 'The API answers 503 Service Unavailable',
    fault: { what: 'status', on: api, status: 503 },
  },
  {
    id: 'rateLimit',
    label: '429, Retry-After 10 s',
    says: 'The API answers 429 Too Many Requests, and asks to stay away for 10 seconds',
    fault: { what: 'status', on: api, status: 429, retryAfter: 10 },
  },
  {
    id: 'unauthorized',
    label: '401',
    says: 'The API refuses the token, which ends the stream',
    fault: { what: 'status', on: api, status: 401 },
  },
  {
    id: 'realtimeDown',
    label: 'Realtime down',
    says: 'The realtime servers refuse connections',
    fault: { what: 'refuse', on: 'poll' },
  },
  {
    id: 'silence',
    label: 'Silence',
    says: 'The realtime servers answer no more, and do not say so either',
    fault: { what: 'deadPoll' },
  },
  {
    id: 'reconnect',
    label: 'Reconnect at once',
    says: 'The realtime servers say reconnect at once, again and again',
    fault: { what: 'reconnect' },
  },
];
