import { type CheckedInput, checkInput } from './stream-input.ts';

/**
 * The input with which a fresh actor goes on where another one was, without losing an event.
 *
 * @param snapshot Any snapshot of the machine, of whatever moment and status, live, persisted or parsed from JSON. Resume with this,
 * and not with `createActor(machine, { snapshot })`: XState does not restore a running delay, so a back-off would never end.
 * @throws {TypeError} when it is no snapshot of this machine.
 */
export function resumeFrom(snapshot: unknown): CheckedInput {
  const context = isObject(snapshot) ? snapshot.context : undefined;
  if (!isObject(context) || !('streamPosition' in context) || !('recentSize' in context)) {
    throw new TypeError(
      'resumeFrom() takes a snapshot of boxEventsMachine: actor.getSnapshot(), or what was kept of it.',
    );
  }
  return checkInput(context);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
