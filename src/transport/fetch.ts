/** What carries a request: the part of the platform's `fetch` that this package needs. It follows no redirect and bears minutes of silence. */
export type Fetch = (request: Request) => Promise<Response>;

/** A {@link Fetch} of this package, which takes the signal apart from the request, too: a signal in it costs several more. */
export type Transport = (request: Request, signal?: AbortSignal) => Promise<Response>;

/** The longest body that is read, in bytes; a page of 500 events has about a million. */
export const maxBodySize = 256 * 1024 * 1024;

/** The error of a body that is longer than `maxBodySize`. */
export function bodyTooLong(): Error {
  return new Error(`the answer is longer than ${maxBodySize / 1024 / 1024} MB`);
}

/** The code of an error for a proxy variable that must be changed before anything can be sent; it is Node's own. */
export const invalidProxy = 'ERR_PROXY_INVALID_CONFIG';
