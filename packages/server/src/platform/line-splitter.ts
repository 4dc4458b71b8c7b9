/** Cuts a stream of bytes into lines of text. */

const newline = 0x0a;

/** A line, or the fact that one was too long. */
export type Line = { readonly text: string } | "too-long";

export class LineSplitter {
  readonly #bytesMax: number;
  /** Of a line whose end has not come yet. */
  #parts: Buffer[] = [];
  #bytes = 0;

  /** No line with more bytes is kept. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines that end in `chunk`, without their ends. */
  *push(chunk: Buffer): Generator<Line, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      yield this.#take();
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** What follows the last end of a line; undefined if nothing does. */
  end(): Line | undefined {
    return this.#bytes === 0 ? undefined : this.#take();
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#bytesMax) this.#parts.push(part);
    else this.#parts = [];
  }

  #take(): Line {
    const [only] = this.#parts;
    const tooLong = this.#bytes > this.#bytesMax;
    const whole = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return tooLong ? "too-long" : { text: whole.toString("utf8") };
  }
}
