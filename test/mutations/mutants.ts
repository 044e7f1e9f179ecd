import { type AnyStateMachine, not } from 'xstate';

type Config = Record<string, unknown>;

/** One change to a machine that its tests should notice. */
export interface Mutant {
  readonly name: string;
  /** Changes a copy of the machine's config. */
  readonly change?: (config: Config) => void;
  /** Delays in place of the machine's own, in milliseconds. */
  readonly delays?: Record<string, number>;
}

/** The machine as a mutant. */
export function mutate<Machine extends AnyStateMachine>(
  machine: Machine,
  { change, delays = {} }: Mutant,
): AnyStateMachine {
  const config = copy(machine.config) as Config;
  change?.(config);
  const { implementations } = machine;
  const mutated = new (
    machine.constructor as new (
      config: Config,
      implementations: object,
    ) => AnyStateMachine
  )(config, {
    ...implementations,
    delays: { ...implementations.delays, ...delays },
  });
  return mutated;
}

/** Every mutant of a machine: each transition dropped or led elsewhere, each guard dropped or negated, each action dropped. */
export function mutantsOf(machine: AnyStateMachine): Mutant[] {
  const states = Object.keys((machine.config as { states?: object }).states ?? {});
  const mutants: Mutant[] = Object.keys(machine.implementations.delays).flatMap((name) => [
    { name: `the delay ${name} is 1 ms`, delays: { [name]: 1 } },
    { name: `the delay ${name} is two hours`, delays: { [name]: 7_200_000 } },
  ]);
  visit(machine.config, [], (value, path) => {
    const where = path.join('.');
    const at = (change: (holder: Config, key: string) => void) => (config: Config) => {
      const holder = path.slice(0, -1).reduce<Config>((object, key) => object[key] as Config, config);
      change(holder, path.at(-1) ?? '');
    };
    if (isTransition(value, path)) {
      mutants.push({ name: `${where} is dropped`, change: at(remove) });
      const [, way = '', name = ''] = /^(\.|#\w+\.)?(\w+)$/.exec(String(value.target)) ?? [];
      if (states.includes(name)) {
        const other = states[(states.indexOf(name) + 1) % states.length];
        mutants.push({
          name: `${where} leads to ${other}`,
          change: at((holder, key) => Object.assign(holder[key] as Config, { target: `${way}${other}` })),
        });
      }
      if (value.guard !== undefined) {
        mutants.push({
          name: `${where} has no guard`,
          change: at((holder, key) => delete (holder[key] as Config).guard),
        });
        mutants.push({
          name: `${where} has its guard negated`,
          change: at((holder, key) =>
            Object.assign(holder[key] as Config, { guard: not(value.guard as never) }),
          ),
        });
      }
    }
    if (path.at(-1) === 'actions' || path.at(-1) === 'entry') {
      for (const [index, action] of list(value).entries()) {
        const name = typeof action === 'string' ? action : (action as { type: string }).type;
        mutants.push({
          name: `${where} lacks ${name}`,
          change: at((holder, key) => Object.assign(holder, { [key]: list(value).toSpliced(index, 1) })),
        });
      }
    }
  });
  return mutants;
}

function isTransition(value: unknown, path: readonly string[]): value is Config {
  const parents = path.slice(-3, -1);
  return (
    isObject(value) &&
    'description' in value &&
    (parents.includes('on') || parents.includes('after') || isNamed(path))
  );
}

const isNamed = (path: readonly string[]) =>
  path.slice(-2).some((key) => key === 'onDone' || key === 'onError' || key === 'always');

function remove(holder: Config, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function visit(
  value: unknown,
  path: readonly string[],
  see: (value: unknown, path: readonly string[]) => void,
): void {
  see(value, path);
  if (!isObject(value)) return;
  for (const [key, child] of Object.entries(value)) visit(child, [...path, key], see);
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copy(child)]));
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const isObject = (value: unknown): value is Config => typeof value === 'object' && value !== null;
