import type { LogEntry } from './log-streams.ts';

/** Gathers entries that say the same of many streams. */
export interface EntryGatherer {
  /** Writes an entry at once, unless one like it was written within the time before: those are counted, and written as one. */
  add(entry: LogEntry): void;
  /** Writes what was counted, and begins anew. */
  flush(): void;
}

export function createGatherer(write: (entry: LogEntry) => void, gatherFor: number): EntryGatherer {
  const gathered = new Map<string, Gathered>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const writeCounted = () => {
    for (const [kind, { count, entry }] of gathered) {
      // Nothing like it for a while: the next one is told at once again.
      if (count === 0) gathered.delete(kind);
      else gathered.set(kind, { count: 0, entry });
      if (count > 0) write(count === 1 ? entry : sumUp(entry, count));
    }
  };

  const goOn = () => {
    writeCounted();
    timer = gathered.size > 0 ? setTimeout(goOn, gatherFor) : undefined;
  };

  return {
    add(entry) {
      const kind = [entry.level, entry.message, entry.request, entry.errorType].join(' ');
      const alike = gathered.get(kind);
      if (alike) {
        gathered.set(kind, { count: alike.count + 1, entry });
        return;
      }
      write(entry);
      // Each of those matters by itself.
      if (entry.level === 'error') return;
      gathered.set(kind, { count: 0, entry });
      timer ??= setTimeout(goOn, gatherFor);
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      writeCounted();
      gathered.clear();
    },
  };
}

interface Gathered {
  readonly count: number;
  readonly entry: LogEntry;
}

/** What holds for all of them: not whose they are, nor where each stands. */
function sumUp({ level, message, request, errorType, error }: LogEntry, streams: number): LogEntry {
  return {
    ...{ level, message, streams },
    ...(request && { request }),
    ...(errorType !== undefined && { errorType }),
    ...(error !== undefined && { error }),
  };
}
