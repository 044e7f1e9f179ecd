import { field } from '../property.ts';
import type { Action } from './messages.ts';

/**
 * Reads what the page asks for.
 *
 * @throws {TypeError} when it is nothing that can be asked for.
 */
export function readAction(value: unknown): Action {
  const action = field(value, 'do');
  const stream = field(value, 'stream');
  const fault = field(value, 'fault');
  const isOn = field(value, 'isOn');
  switch (action) {
    case 'pause':
    case 'resume':
    case 'stop':
    case 'restart':
    case 'publish':
      if (typeof stream === 'string') return { do: action, stream };
      break;
    case 'fault':
      if (typeof fault === 'string' && typeof isOn === 'boolean') return { do: action, fault, isOn };
  }
  throw new TypeError('There is no such action.');
}
