import type { ServerResponse } from 'node:http';
import type { BoxEvent } from '../../machines/box-event.ts';
import { summarize } from '../event-summary.ts';
import type { FaultButton, SeenEvent, Update } from './messages.ts';
import type { Recorder } from './recorder.ts';

/** What a page is told from. */
export interface FeedOptions {
  readonly session: string;
  readonly streams: ReadonlyMap<string, Recorder>;
  /** The id of the stream that is open; by default the first one is. */
  readonly openStream: string | undefined;
  readonly faults: () => readonly FaultButton[] | null;
}

/** Tells one page what changes, as server-sent events. */
export interface Feed {
  /** Something has changed about a stream; without an id, about the simulated Box. */
  notice(streamId?: string): void;
  close(): void;
}

/** How long changes are gathered before they are told, in milliseconds. */
const pause = 60;
const heartbeat = 15_000;
const reconnectAfter = 500;

/** Begins with all that is known. A page that reads slowly is told less often, and never waited for. */
export function openFeed(response: ServerResponse, options: FeedOptions): Feed {
  const { session, streams, openStream, faults } = options;
  const changed = new Set(streams.keys());
  let toldStep = 0;
  let toldEvent = 0;
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    if (response.writableNeedDrain) return;
    const open = streams.get(openStream ?? '') ?? streams.values().next().value;
    const steps = open?.history.steps.after(toldStep).map(({ item }) => item) ?? [];
    const events = open?.history.events.after(toldEvent).map(seenEvent) ?? [];
    toldStep = steps.at(-1)?.number ?? toldStep;
    toldEvent = events.at(-1)?.number ?? toldEvent;
    const update: Update = {
      session,
      now: Date.now(),
      rows: [...changed].flatMap((id) => streams.get(id)?.row ?? []),
      open: open ? { id: open.id, steps, events } : null,
      faults: faults(),
    };
    changed.clear();
    response.write(`data: ${JSON.stringify(update)}\n\n`);
  };
  const schedule = () => {
    timer ??= setTimeout(tell, pause).unref();
  };

  const beat = setInterval(() => response.write(': still here\n\n'), heartbeat).unref();
  response.on('drain', schedule);
  response.write(`retry: ${reconnectAfter}\n\n`);
  tell();
  return {
    notice(streamId) {
      if (streamId !== undefined) changed.add(streamId);
      schedule();
    },
    close() {
      clearTimeout(timer);
      clearInterval(beat);
      response.end();
    },
  };
}

function seenEvent({ number, item }: { number: number; item: BoxEvent }): SeenEvent {
  const { at, type, who, what } = summarize(item);
  return { number, at: at?.getTime() ?? null, type, who, what };
}
