import { type Fault, type FaultName, type FaultyKind, faults } from './fault.ts';
import { isRecord } from './is-record.ts';

const kinds: readonly unknown[] = ['servers', 'poll', 'events', 'token'] satisfies FaultyKind[];
const isString = (value: unknown) => typeof value === 'string';
const isNumberFrom = (least: number) => (value: unknown) => typeof value === 'number' && value >= least;
const isWholeFrom = (least: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= least;

const fields: Record<Exclude<keyof Fault, 'what'>, { isGood: (value: unknown) => boolean; means: string }> = {
  on: {
    isGood: (value) => [value].flat().length > 0 && [value].flat().every((kind) => kinds.includes(kind)),
    means: 'servers, poll, events or token',
  },
  userId: { isGood: isString, means: 'the id of a user' },
  server: { isGood: isWholeFrom(0), means: 'the index of a realtime server, from 0' },
  nth: { isGood: isWholeFrom(1), means: 'a whole number from 1' },
  every: { isGood: isWholeFrom(1), means: 'a whole number from 1' },
  from: { isGood: isNumberFrom(0), means: 'milliseconds' },
  until: { isGood: isNumberFrom(0), means: 'milliseconds' },
  probability: {
    isGood: (value) => isNumberFrom(0)(value) && Number(value) <= 1,
    means: 'a number from 0 to 1',
  },
  status: {
    isGood: (value) => isWholeFrom(200)(value) && Number(value) <= 599,
    means: 'a status from 200 to 599',
  },
  retryAfter: { isGood: isNumberFrom(0), means: 'seconds' },
  retryAfterAs: { isGood: (value) => value === 'seconds' || value === 'date', means: 'seconds or date' },
  headers: { isGood: isHeaders, means: 'an object of names and texts that HTTP can carry' },
  body: { isGood: isString, means: 'a text' },
  milliseconds: { isGood: isNumberFrom(0), means: 'milliseconds' },
  bytesPerSecond: { isGood: isNumberFrom(1), means: 'a number from 1' },
  count: { isGood: isWholeFrom(1), means: 'a whole number from 1' },
};

/**
 * Makes sure that something, from a JSON file for example, is a fault.
 *
 * @throws {TypeError} that says which field is wrong, and what it should be.
 */
export function checkFault(value: unknown): Fault {
  if (!isRecord(value)) throw new TypeError(`A fault is an object such as {"what":"status","status":503}.`);
  const { what, ...rest } = value;
  if (!isFaultName(what)) {
    throw new TypeError(
      `There is no fault ${JSON.stringify(what)}. There are: ${Object.keys(faults).join(', ')}.`,
    );
  }
  for (const [name, field] of Object.entries(rest)) {
    if (!isField(name)) {
      throw new TypeError(`A fault has no '${name}'. It may have: ${Object.keys(fields).join(', ')}.`);
    }
    if (field !== undefined && !fields[name].isGood(field)) {
      throw new TypeError(
        `'${name}' of the fault ${what} must be ${fields[name].means}, not ${JSON.stringify(field)}.`,
      );
    }
  }
  const happensTo: readonly unknown[] = faults[what].on;
  const wrongKind = [rest.on ?? []].flat().find((kind) => !happensTo.includes(kind));
  if (wrongKind !== undefined) {
    throw new TypeError(`The fault ${what} happens to ${happensTo.join(', ')}, not to ${String(wrongKind)}.`);
  }
  if (typeof rest.from === 'number' && typeof rest.until === 'number' && rest.until <= rest.from) {
    throw new TypeError(`'until' of the fault ${what} must be after 'from'.`);
  }
  if ((what === 'refuse' || what === 'move') && (rest.nth ?? rest.every ?? rest.probability) !== undefined) {
    throw new TypeError(
      `The fault ${what} closes a port: it takes from and until, but no nth, every or probability.`,
    );
  }
  return { ...rest, what };
}

/**
 * Reads a fault as the command line writes it: `what=status,on=events,status=503`. Several kinds are joined by `+`.
 *
 * @throws {TypeError} that says what is wrong.
 */
export function parseFault(text: string): Fault {
  const pairs = text.split(',').map((pair): [string, unknown] => {
    const [name = '', ...rest] = pair.trim().split('=');
    const written = rest.join('=');
    if (rest.length === 0) return ['what', name];
    if (name === 'on') return [name, written.split('+')];
    return [
      name,
      /^\d+(\.\d+)?$/.test(written) && name !== 'userId' && name !== 'body' ? Number(written) : written,
    ];
  });
  return checkFault(Object.fromEntries(pairs));
}

function isFaultName(name: unknown): name is FaultName {
  return typeof name === 'string' && Object.hasOwn(faults, name);
}

function isField(name: string): name is keyof typeof fields {
  return Object.hasOwn(fields, name);
}

function isHeaders(value: unknown): boolean {
  const isSendable = ([name, text]: [string, unknown]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof text === 'string' && /^[\t\x20-\x7e]*$/.test(text);
  return isRecord(value) && Object.entries(value).every(isSendable);
}
