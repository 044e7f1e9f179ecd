import type { SnapshotFrom } from 'xstate';
import type { boxEventsMachine } from '../../machines/box-events.machine.ts';

/** A state as the models know it: once its page is handled, `delivering` waits for events as `fetchingEvents` does. */
export function stateInWords(value: SnapshotFrom<typeof boxEventsMachine>['value']): string {
  if (typeof value === 'string') return value;
  const { page } = value.delivering;
  return page === 'handled' ? 'fetchingEvents' : `delivering,${page}`;
}
