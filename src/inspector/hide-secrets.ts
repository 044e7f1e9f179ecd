/**
 * Copies a value for somebody to look at, without what they must not see: the query of every URL (the channel of a realtime server is
 * a key, and stands there), user and password in a URL, bearer tokens, and whatever a field named after a secret holds. An error keeps
 * its name, its message and its own fields; what refers back to itself is cut off.
 *
 * It is what Stately's inspector takes as `serialize`:
 *
 * ```ts
 * const { inspect } = createBrowserInspector({ serialize: hideSecrets });
 * ```
 */
export function hideSecrets<T>(value: T): T;
export function hideSecrets(value: unknown): unknown {
  return copy(value, []);
}

const hidden = '(hidden)';
const deepest = 24;

function copy(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'string') return hideInText(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value) || above.length > deepest) return '(again)';
  const within = [...above, value];
  const plain = toPlain(value);
  if (typeof plain !== 'object' || plain === null) return copy(plain, within);
  if (Array.isArray(plain)) return plain.map((item) => copy(item, within));
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, copyField(key, item, within)]));
}

function copyField(key: string, value: unknown, above: readonly object[]): unknown {
  const isSecret = secretName.test(key) && (typeof value === 'string' || typeof value === 'object');
  return isSecret && value !== null ? hidden : copy(value, above);
}

/** As JSON would have it; an error is a name, a message and what was put on it. */
function toPlain(value: object): unknown {
  if (value instanceof Error) return { ...value, name: value.name, message: value.message };
  if (value instanceof Map || value instanceof Set) return [...value];
  return 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
}

function hideInText(text: string): string {
  return text.replaceAll(url, hideInUrl).replaceAll(channel, `$1${hidden}`).replaceAll(bearer, `$1${hidden}`);
}

function hideInUrl(whole: string): string {
  const [base = ''] = whole.split(/[?#]/, 1);
  const shown = base.replace(/^(\w+:\/\/)[^/]*@/, `$1${hidden}@`);
  return base.length < whole.length ? `${shown}?${hidden}` : shown;
}

const secretName =
  /^(access_?|refresh_?|service_?)?token$|^(authorization|secret|password|client_?secret|channel)$/i;
const url = /\b(?:https?|wss?):\/\/[^\s"'<>]+/gi;
const channel = /(\bchannel(?:=|%3D))[^\s"'<>&]+/gi;
const bearer = /(\bbearer\s+)[\w.~+/=-]+/gi;
