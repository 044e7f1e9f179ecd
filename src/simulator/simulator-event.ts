/**
 * An event as Box describes it, see https://developer.box.com/reference/resources/event: no field is required, and any may be added.
 */
export interface SimulatorEvent {
  /** `event`. */
  type?: string | undefined;
  /** 40 hexadecimal digits. */
  event_id?: string | null | undefined;
  /** What happened: one of Box's types, or any other. */
  event_type?: string | null | undefined;
  /** When it happened, as RFC 3339. */
  created_at?: string | null | undefined;
  /** When Box stored it, as RFC 3339. */
  recorded_at?: string | null | undefined;
  /** Who did it. */
  created_by?: object | null | undefined;
  /** In which session. */
  session_id?: string | null | undefined;
  /** What it happened to. */
  source?: object | null | undefined;
  [field: string]: unknown;
}
