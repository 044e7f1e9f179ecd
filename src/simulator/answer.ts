import type { ServerResponse } from 'node:http';

/**
 * What a request is answered with: a status with headers and a body (a string is sent as it stands, any other value as JSON, none as
 * an empty body), or `silence` (nothing ever comes), or `reset` (the connection is torn down before an answer).
 */
export type Answer =
  | { status: number; headers?: Readonly<Record<string, string>>; body?: unknown }
  | 'silence'
  | 'reset';

/** Writes an answer to the wire: the only place where one is written. */
export function writeAnswer(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, body } = answer;
  response.statusCode = status;
  if (body !== undefined) response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (body === undefined) response.end();
  else response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** An error as Box's API words it, see https://developer.box.com/reference/resources/client-error. */
export function errorAnswer(status: number, code: string, message: string, headers = {}): Answer {
  return {
    status,
    headers,
    body: { type: 'error', status, code, help_url: 'http://developers.box.com/docs/#errors', message },
  };
}
