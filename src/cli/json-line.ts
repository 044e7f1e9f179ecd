/**
 * A value that came as JSON, as one line of JSON that no terminal obeys: control characters, line separators and bidirectional marks
 * are written as escapes, which says the same.
 *
 * It is written however deep it is nested: `JSON.parse` reads what `JSON.stringify` overflows the stack with.
 */
export function jsonLine(value: unknown): string {
  return `${escapeControls(stringify(value))}\n`;
}

/** A JSON text in which control characters, line separators and bidirectional marks are escapes. */
export function escapeControls(json: string): string {
  return json.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const controls = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return stringifyDeep(value);
  }
}

// What is still to be written stands on a stack of our own: finished pieces of text, and values.
function stringifyDeep(root: unknown): string {
  const written: string[] = [];
  const pending: (string | { value: unknown })[] = [{ value: root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') written.push(next);
    else if (typeof next.value !== 'object' || next.value === null) written.push(JSON.stringify(next.value));
    else for (const piece of piecesOf(next.value).reverse()) pending.push(piece);
  }
  return written.join('');
}

function piecesOf(value: object): (string | { value: unknown })[] {
  if (Array.isArray(value)) {
    return ['[', ...value.flatMap((item, index) => [index > 0 ? ',' : '', { value: item }]), ']'];
  }
  const fields = Object.entries(value).flatMap(([name, item], index) => [
    `${index > 0 ? ',' : ''}${JSON.stringify(name)}:`,
    { value: item },
  ]);
  return ['{', ...fields, '}'];
}
