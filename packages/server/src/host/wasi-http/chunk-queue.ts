/** Bytes as they come in, taken in pieces of any size. */
export class ChunkQueue {
  #chunks: Uint8Array[] = [];
  /** Chunks before this one were taken. */
  #first = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The first `length` bytes, or all there are. */
  take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let missing = Math.min(length, this.#bytes);
    this.#bytes -= missing;
    while (missing > 0) {
      const chunk = this.#chunks[this.#first];
      if (chunk === undefined) break;
      if (chunk.length > missing) this.#chunks[this.#first] = chunk.subarray(missing);
      else this.#first += 1;
      taken.push(chunk.subarray(0, missing));
      missing -= Math.min(chunk.length, missing);
    }
    this.#forgetTaken();
    const [only] = taken;
    return taken.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(taken));
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  /** Now and then: moving the rest up for every chunk would cost as much as there are chunks. */
  #forgetTaken(): void {
    if (this.#first < 64 || this.#first * 2 < this.#chunks.length) return;
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }
}
