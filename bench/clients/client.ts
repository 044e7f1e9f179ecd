/** A client of Box's event stream, as a benchmark uses it: one for a process, for all its streams. */
export interface Client {
  /** Follows a stream from a position, and tells of each event that a listener has. */
  listen(token: string, streamPosition: string, onEvent: () => void): void;
  /** Follows a stream from a position, and has one event handled after the other. */
  consume(token: string, streamPosition: string, handle: () => Promise<void>): void;
}

/** Makes the client that follows the Box at `http://127.0.0.1:PORT`. */
export type CreateClient = (url: string) => Client;
