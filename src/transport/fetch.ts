/** What carries a request: the part of the platform's `fetch` that this package needs. It follows no redirect and bears minutes of silence. */
export type Fetch = (request: Request) => Promise<Response>;

/** A {@link Fetch} of this package, which takes the signal apart from the request, too: a signal in it costs several more. */
export type Transport = (request: Request, signal?: AbortSignal) => Promise<Response>;

/** Has a fetch from outside, which knows the signal of its request only, obey one apart from it. */
export function withSignal(fetch: Fetch): Transport {
  return async (asked, signal = asked.signal) => {
    const request = new Request(asked, { signal });
    // On Node a request follows a signal only until it is collected, for which Node's fetch does not wait: this keeps it.
    signal.addEventListener('abort', () => request);
    return fetch(request);
  };
}

/** The most memory that a body takes, in bytes; a page of 500 events has about a million. */
export const maxBodySize = 256 * 1024 * 1024;

/** The error of a body that would take more than `maxBodySize`. */
export function bodyTooLong(): Error {
  return new Error(`the answer is longer than ${maxBodySize / 1024 / 1024} MB`);
}

/** The code of an error for a proxy variable that must be changed before anything can be sent; it is Node's own. */
export const invalidProxy = 'ERR_PROXY_INVALID_CONFIG';
