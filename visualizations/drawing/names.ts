/** What sets a transition off. */
export interface Trigger {
  /**
   * `event`: it was sent or raised; `done` and `error`: an actor, or the states within, came to an end; `snapshot`: an actor changed;
   * `after`: time passed; `always`: as soon as its guard holds.
   */
  readonly kind: 'event' | 'done' | 'error' | 'snapshot' | 'after' | 'always';
  /** How it reads on the chart: `newChange`, `done`, `after retryTimeout`. */
  readonly label: string;
  /** XState's name of the event. */
  readonly event: string;
}

/**
 * Reads the name that XState gives an event.
 *
 * @param isOnlyInvoke Whether `done` alone says which actor is meant.
 */
export function describeTrigger(event: string, { isOnlyInvoke }: { isOnlyInvoke: boolean }): Trigger {
  if (event === '') return { kind: 'always', label: 'always', event };
  const [, reason, ...rest] = /^xstate\.(done|error|snapshot|after)\.(.*)$/.exec(event) ?? [];
  const subject = rest.join('');
  if (reason === 'after') return { kind: 'after', label: `after ${describeDelay(subject)}`, event };
  if (reason !== 'done' && reason !== 'error' && reason !== 'snapshot')
    return { kind: 'event', label: event, event };
  const actor = subject.replace(/^(actor|state)\./, '');
  const isObvious = subject.startsWith('state.') || isOnlyInvoke;
  return { kind: reason, label: isObvious ? reason : `${reason} ${actor}`, event };
}

/** The name of an action, a guard or an actor. One without a name says what it is: `and(isOpen, not(isFull))`, `inline`. */
export function nameOf(thing: unknown): string {
  if (typeof thing === 'string') return thing;
  const type = property(thing, 'type');
  if (typeof type === 'string') return type;
  const guards = property(thing, 'guards');
  const name = property(thing, 'name');
  if (Array.isArray(guards) && typeof name === 'string') return `${name}(${guards.map(nameOf).join(', ')})`;
  return 'inline';
}

// The name of the delay, or its milliseconds, and then the id of the state.
function describeDelay(subject: string): string {
  const [delay = ''] = subject.split('.', 1);
  return /^\d+$/.test(delay) ? `${Number(delay).toLocaleString('en')} ms` : delay;
}

function property(thing: unknown, key: string): unknown {
  const isThing = (typeof thing === 'object' && thing !== null) || typeof thing === 'function';
  return isThing ? Reflect.get(thing, key) : undefined;
}
