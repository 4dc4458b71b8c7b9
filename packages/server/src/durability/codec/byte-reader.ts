/** Thrown when bytes end early or hold an impossible value: the record was damaged or written by a newer version. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/**
 * Arrays so short lie in the engine's own heap until somebody asks for their buffer, which is then made and costs more
 * than all the rest.
 */
const shortBytesMax = 64;

const word = new Uint8Array(8);
const wordView = new DataView(word.buffer);

/** A view of a copy of the bytes at `at`, until the next one. */
function shortView(bytes: Uint8Array, at: number, count: number): DataView {
  for (let index = 0; index < count; index += 1) word[index] = bytes[at + index] ?? 0;
  return wordView;
}

/** Reads what `ByteWriter` wrote. `end` bounds it; reading past it throws `DecodeError`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #short: boolean;
  #view: DataView | undefined;
  offset: number;
  end: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.#short = bytes.length <= shortBytesMax;
    this.offset = offset;
    this.end = end;
  }

  get view(): DataView {
    return (this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength));
  }

  #advance(count: number): number {
    const at = this.offset;
    if (at + count > this.end) throw new DecodeError(`cannot read ${count} bytes at ${at}: data ends at ${this.end}`);
    this.offset = at + count;
    return at;
  }

  u8(): number {
    return this.bytes[this.#advance(1)] ?? 0;
  }

  u32(): number {
    const at = this.#advance(4);
    return this.#short ? shortView(this.bytes, at, 4).getUint32(0, true) : this.view.getUint32(at, true);
  }

  u64(): bigint {
    const at = this.#advance(8);
    return this.#short ? shortView(this.bytes, at, 8).getBigUint64(0, true) : this.view.getBigUint64(at, true);
  }

  s64(): bigint {
    const at = this.#advance(8);
    return this.#short ? shortView(this.bytes, at, 8).getBigInt64(0, true) : this.view.getBigInt64(at, true);
  }

  f32(): number {
    const at = this.#advance(4);
    return this.#short ? shortView(this.bytes, at, 4).getFloat32(0, true) : this.view.getFloat32(at, true);
  }

  f64(): number {
    const at = this.#advance(8);
    return this.#short ? shortView(this.bytes, at, 8).getFloat64(0, true) : this.view.getFloat64(at, true);
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 128;
      if (factor > 2 ** 56) throw new DecodeError(`cannot read a varint at ${this.offset}: too long`);
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new DecodeError(`cannot read a varint at ${this.offset}: too large`);
    return value;
  }

  zigzag(): number {
    const coded = this.varint();
    return coded % 2 === 1 ? -(coded + 1) / 2 : coded / 2;
  }

  /** A view into the buffer, not a copy. */
  raw(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  blob(): Uint8Array {
    return this.raw(this.varint());
  }

  string(): string {
    return decoder.decode(this.blob());
  }

  /** The next Unicode scalar value. */
  char(): string {
    const code = this.varint();
    if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new DecodeError(`cannot read a character at ${this.offset}: ${code} is none`);
    }
    return String.fromCodePoint(code);
  }

  /** Everything must have been read: bytes left over are those of another type. */
  expectEnd(): void {
    if (this.offset !== this.end) {
      throw new DecodeError(`cannot read at ${this.offset}: ${this.end - this.offset} bytes are left over`);
    }
  }

  /** A count of elements that take at least `bytesEach` bytes, so that damaged counts can't ask for unbounded memory. */
  count(bytesEach: number): number {
    const count = this.varint();
    if (count * bytesEach > this.end - this.offset) {
      throw new DecodeError(`cannot read ${count} elements at ${this.offset}: data ends at ${this.end}`);
    }
    return count;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
