import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** A stream that takes itself for a terminal, and keeps what is written. */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number | undefined;
  readonly #colours: number;
  written = '';

  constructor({ columns, colours = 1 }: { columns?: number; colours?: number } = {}) {
    super();
    this.columns = columns;
    this.#colours = colours;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString();
    done();
  }

  /** How many bits its colours have, which `styleText` asks. */
  getColorDepth(): number {
    return this.#colours;
  }

  /** What stands in each line once the terminal has obeyed: the line at the foot is written over again and again. */
  get screen(): string[] {
    return this.written
      .split('\n')
      .map((line) => stripVTControlCharacters(line.split('\x1b[J').at(-1) ?? '').replaceAll('\r', ''));
  }
}
