import { checkFault } from './check-fault.ts';
import { isRecord } from './is-record.ts';
import type { Publication, Scenario } from './scenario.ts';

/**
 * Makes sure that something, from a JSON file for example, is a scenario.
 *
 * @throws {TypeError} that says which field is wrong, and what it should be.
 */
export function checkScenario(value: unknown): Scenario {
  if (!isRecord(value))
    throw new TypeError('A scenario is an object such as {"name":"…","says":"…","lasts":60000}.');
  const { name, says = '', lasts, faults = [], publications, ...rest } = value;
  if (typeof name !== 'string' || name === '') throw new TypeError("A scenario has a 'name', a text.");
  const wrong = (what: string) => new TypeError(`The scenario ${name}: ${what}`);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw wrong(`there is no '${unknown}'; there are name, says, lasts, faults, publications.`);
  if (typeof says !== 'string') throw wrong("'says' must be a text.");
  if (typeof lasts !== 'number' || !(lasts > 0)) throw wrong("'lasts' must be milliseconds.");
  if (!Array.isArray(faults)) throw wrong("'faults' must be a list.");
  if (publications !== undefined && !Array.isArray(publications))
    throw wrong("'publications' must be a list.");
  return {
    ...{ name, says, lasts },
    faults: faults.map(checkFault),
    ...(publications !== undefined && {
      publications: publications.map((publication) => checkPublication(publication, wrong)),
    }),
  };
}

function checkPublication(value: unknown, wrong: (what: string) => TypeError): Publication {
  if (!isRecord(value)) throw wrong('a publication is an object such as {"at":0,"every":1000}.');
  const { at, count, every, userId, event, ...rest } = value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw wrong(`a publication has no '${unknown}'; it may have at, count, every, userId, event.`);
  if (typeof at !== 'number' || at < 0) throw wrong("'at' must be milliseconds.");
  if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0 && Number(count) <= 10_000))
    throw wrong("'count' must be a whole number from 1 to 10,000.");
  if (every !== undefined && !(typeof every === 'number' && every >= 1))
    throw wrong("'every' must be milliseconds, 1 at least.");
  if (userId !== undefined && typeof userId !== 'string') throw wrong("'userId' must be a text.");
  if (event !== undefined && !isRecord(event)) throw wrong("'event' must be an object.");
  return {
    at,
    ...(count !== undefined && { count: Number(count) }),
    ...(every !== undefined && { every }),
    ...(userId !== undefined && { userId }),
    ...(event !== undefined && { event }),
  };
}
