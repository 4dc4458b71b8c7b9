/** Bytes as they come in, taken in pieces of any size. */
export class ChunkQueue {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The first `length` bytes, or all there are. */
  take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let missing = Math.min(length, this.#bytes);
    this.#bytes -= missing;
    while (missing > 0) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      if (chunk.length <= missing) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(missing);
      taken.push(chunk.subarray(0, missing));
      missing -= Math.min(chunk.length, missing);
    }
    const [only] = taken;
    return taken.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(taken));
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
