/**
 * How long a server asks to wait, in milliseconds: from `Retry-After` in seconds or as a date. A date counts against the answer's own
 * `Date`, so that a wrong clock on either side does no harm. A malformed header says nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(headers: Headers, now = Date.now()): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const date = readDate(value);
  if (date === undefined) return undefined;
  return Math.max(0, date - (readDate(headers.get('date') ?? '') ?? now));
}

// Date.parse alone takes much for a date: '-5' is one in May 2001.
function readDate(value: string): number | undefined {
  const date = /^[A-Z][a-z]+, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}
