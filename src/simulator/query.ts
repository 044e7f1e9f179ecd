/** The path of a request's target, without its query. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}

/** A position as Box writes one: a decimal number of up to 64 bits. Read without loss; anything else is undefined. */
export function parsePosition(text: string | null): bigint | undefined {
  if (text === null || !/^\d{1,20}$/.test(text)) return undefined;
  const position = BigInt(text);
  return position < 2n ** 64n ? position : undefined;
}
