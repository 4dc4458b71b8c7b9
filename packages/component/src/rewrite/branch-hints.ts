/**
 * The custom section `metadata.code.branch_hint`. It tells the engine that the slow paths hardly ever run, so that it
 * keeps their calls out of the way of the loops: without it a check costs up to twice as much.
 */
import { ByteWriter, IntegerList } from "./byte-writer.ts";

export class BranchHints {
  /** For each function that has hints: its index, how many, and their offsets within the body. */
  readonly #hints = new IntegerList();
  #functionIndex = 0;
  #countAt = -1;
  #functions = 0;

  /** Begins the hints for a function. */
  begin(functionIndex: number): void {
    this.#functionIndex = functionIndex;
    this.#countAt = -1;
  }

  /** The `if` at `offset` in the function's body is hardly ever taken. */
  unlikely(offset: number): void {
    if (this.#countAt < 0) {
      this.#hints.push(this.#functionIndex);
      this.#countAt = this.#hints.length;
      this.#hints.push(0);
      this.#functions++;
    }
    this.#hints.set(this.#countAt, this.#hints.get(this.#countAt) + 1);
    this.#hints.push(offset);
  }

  /** The section's content. */
  finish(): Uint8Array<ArrayBuffer> {
    const output = new ByteWriter(this.#hints.length * 4 + 64);
    const name = new TextEncoder().encode("metadata.code.branch_hint");
    output.u32(name.length);
    output.append(name);
    output.u32(this.#functions);
    for (let at = 0; at < this.#hints.length;) {
      output.u32(this.#hints.get(at++));
      const count = this.#hints.get(at++);
      output.u32(count);
      for (const end = at + count; at < end; at++) {
        output.u32(this.#hints.get(at));
        output.append([1, 0]); // one byte: not taken
      }
    }
    return output.finish();
  }
}
