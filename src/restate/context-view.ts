/**
 * A Restate context some members of which are others: what the XState integration gets to see, so that what it reads, writes and calls
 * goes another way.
 */
export function contextView<T extends object>(context: T, members: Record<string, unknown>): T {
  return new Proxy(context, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
