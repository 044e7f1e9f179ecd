/** Whether it is a position as Box gives them: a decimal number of up to 64 bits, in a string. */
export function isPosition(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}

/** Whether a stream can go on from what Box answered: 0, or none, would move it back to its start. */
export function leadsOn(streamPosition: string | undefined): streamPosition is string {
  return streamPosition !== undefined && !/^0+$/.test(streamPosition);
}
