import { readFileSync } from 'node:fs';

/** What a process has used so far, as Linux tells it. */
export interface Usage {
  /** Milliseconds of CPU. */
  readonly cpu: number;
  /** Bytes written to the disk. */
  readonly written: number;
  /** Bytes of memory that are resident now. */
  readonly rss: number;
}

const millisecondsATick = 10;

export function usageOf(pid: number | undefined): Usage {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  // After the name of the program, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const fields = read('stat').split(') ').at(-1)?.split(' ') ?? [];
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) * millisecondsATick,
    written: Number(/^write_bytes: (\d+)$/m.exec(read('io'))?.[1]),
    rss: Number(/^VmRSS:\s+(\d+) kB$/m.exec(read('status'))?.[1]) * 1_024,
  };
}
