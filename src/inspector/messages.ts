/** What the page is told: what has changed since the last time. */
export interface Update {
  /** Another one than before: the inspector was started anew. */
  readonly session: string;
  /** When it was sent, in milliseconds since 1970: the clock of the page may differ. */
  readonly now: number;
  /** The streams that have changed; at first all. */
  readonly rows: readonly Row[];
  /** The stream that is open. */
  readonly open: OpenStream | null;
  /** What the simulated Box can be made to do; `null` when the stream follows a real one. */
  readonly faults: readonly FaultButton[] | null;
}

/** A stream at a glance. Times are milliseconds since 1970. */
export interface Row {
  readonly id: string;
  readonly name: string;
  /** The path of its state, or of each that is active beside others: `delivering.page.open, delivering.nextPage.fetching`. */
  readonly state: string;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** Since when it is in this state. */
  readonly since: number;
  /** When its back-off ends, while it backs off. */
  readonly resumesAt: number | null;
  /** Back-offs in a row. */
  readonly attempt: number;
  /** When the oldest event happened that it has in hand or did not fetch yet; `null` when it is caught up. */
  readonly behindSince: number | null;
  /** The last failure, until all is well again. */
  readonly error: string | null;
  /** How many failures there were. */
  readonly failures: number;
  /** How many events it has delivered since it is watched. */
  readonly delivered: number;
  readonly streamPosition: string;
  /** Whether it can be started again where it ended. */
  readonly canRestart: boolean;
}

/** What is new about the stream that is open. */
export interface OpenStream {
  readonly id: string;
  /** At first all that are kept, the oldest first. */
  readonly steps: readonly Step[];
  readonly events: readonly SeenEvent[];
}

/** One transition of a stream. */
export interface Step {
  /** Counts on, from 1. */
  readonly number: number;
  readonly at: number;
  /** What set it off: `newChange`, `fetchEvents done`. */
  readonly event: string;
  /** What went wrong. */
  readonly error: string | null;
  /** The path of the state after it. */
  readonly state: string;
  /** Their ids on the chart. */
  readonly transitions: readonly string[];
  /** What the stream remembers after it; keys are hidden, and what is long is only counted. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** An event of Box. */
export interface SeenEvent {
  readonly number: number;
  readonly at: number | null;
  readonly type: string;
  readonly who: string;
  readonly what: string;
}

/** A fault that can be caused and ended. */
export interface FaultButton {
  readonly id: string;
  readonly label: string;
  readonly says: string;
  readonly isOn: boolean;
}

/** What the page may ask for. */
export type Action =
  | { readonly do: 'pause' | 'resume' | 'stop' | 'restart' | 'publish'; readonly stream: string }
  | { readonly do: 'fault'; readonly fault: string; readonly isOn: boolean };
