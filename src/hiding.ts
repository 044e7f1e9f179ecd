/** Takes what must not be told out of what somebody else said. */
export type Hide = (said: string) => string;

/** Has `name` stand for each of the secrets. */
export function hiding(name: string, ...secrets: readonly string[]): Hide {
  // One may begin with another.
  const longestFirst = secrets.toSorted((one, other) => other.length - one.length);
  return (said) => longestFirst.reduce((text, secret) => text.replaceAll(secret, name), said);
}
