/** Thrown when bytes end early or hold an impossible value: the record was damaged or written by a newer version. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Reads what `ByteWriter` wrote. `end` bounds it; reading past it throws `DecodeError`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  #view: DataView | undefined;
  offset: number;
  end: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  /** Made when a number is read that needs it: for a short value it costs more than all the rest. */
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
    return this.view.getUint32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.#advance(8), true);
  }

  s64(): bigint {
    return this.view.getBigInt64(this.#advance(8), true);
  }

  f32(): number {
    return this.view.getFloat32(this.#advance(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.#advance(8), true);
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
