import type { Sample } from './sample-events.ts';

/** So many events, written once: a page of them is a part of one buffer. Their positions count from 2^60, as Box's do. */
export class ReadyPages {
  readonly length: number;
  readonly #bytes: Buffer;
  /** Where each event begins, and where the last one ends. */
  readonly #offsets: number[] = [0];

  constructor(samples: readonly Sample[], length: number) {
    this.length = length;
    const events: string[] = [];
    let offset = 0;
    for (let index = 0; index < length; index += 1) {
      const { before, after } = samples[index % samples.length] ?? { before: '', after: '' };
      const event = `${before}${index.toString(16).padStart(40, '0')}${after},`;
      events.push(event);
      offset += Buffer.byteLength(event);
      this.#offsets.push(offset);
    }
    this.#bytes = Buffer.from(events.join(''));
  }

  /** The events from an index up to another one, as the body of an answer in three parts. */
  page(from: number, to: number): [string, Buffer, string] {
    const [start = 0, end = 0] = [this.#offsets[from], this.#offsets[to]];
    const head = `{"chunk_size":${to - from},"next_stream_position":"${positionAt(to)}","entries":[`;
    return [head, this.#bytes.subarray(start, Math.max(start, end - 1)), ']}'];
  }

  /** The index at which a position reads on. */
  indexOf(position: string): number {
    return position === '0' ? 0 : Number(BigInt(position) - origin);
  }
}

const origin = 2n ** 60n;

function positionAt(index: number): string {
  return String(origin + BigInt(index));
}
