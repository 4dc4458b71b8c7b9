import { ComponentError } from "../errors.ts";

/** Ends decoding: the bytes do not follow the binary format. */
export function malformed(message: string, offset: number): never {
  throw new ComponentError("malformed", message, { offset });
}

/** Ends decoding: the binary breaks a validation rule. */
export function invalid(message: string, offset: number): never {
  throw new ComponentError("invalid", message, { offset });
}

/** Ends decoding: the binary uses a feature that is not supported. */
export function unsupported(what: string, offset: number): never {
  throw new ComponentError("unsupported", `not supported: ${what}`, { offset });
}

// `ignoreBOM`: a byte order mark is an ordinary character of a name.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the binary formats of components and core modules; every offset is one in the whole binary. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  peek(): number {
    if (this.position >= this.end) malformed("unexpected end", this.position);
    return this.bytes[this.position] ?? 0;
  }

  byte(): number {
    const value = this.peek();
    this.position++;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) {
        malformed(byte & 0x80 ? "integer representation too long" : "integer too large", start);
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return malformed("integer representation too long", start);
  }

  /** A signed LEB128 number of at most 33 bits: a type index, or a negative type code. */
  s33(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      if (shift === 28 && (byte & 0x10 ? byte < 0x70 : byte > 0x0f)) malformed("integer too large", start);
      return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return malformed("integer representation too long", start);
  }

  /** An unsigned LEB128 number of at most 64 bits. */
  u64(): bigint {
    const start = this.position;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      if (shift === 63n && byte > 1) malformed("integer too large", start);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return malformed("integer representation too long", start);
  }

  /** Passes over a LEB128 number of at most `bits` bits. */
  skipInteger(bits: 32 | 64): void {
    const start = this.position;
    for (let length = Math.ceil(bits / 7); length > 0; length--) {
      if (this.byte() < 0x80) return;
    }
    malformed("integer representation too long", start);
  }

  skip(length: number): void {
    if (length > this.remaining) malformed("unexpected end", this.end);
    this.position += length;
  }

  /** The length of a vector whose items take at least one byte each: nothing is allocated for a false length. */
  count(what: string): number {
    const start = this.position;
    const count = this.u32();
    if (count > this.remaining) malformed(`${what} count ${count} exceeds the remaining bytes`, start);
    return count;
  }

  /** The items of a vector. */
  list<T>(what: string, item: () => T): T[] {
    const count = this.count(what);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item());
    return items;
  }

  /** A length-prefixed UTF-8 string. */
  name(): string {
    const start = this.position;
    const length = this.u32();
    if (length > this.remaining) malformed("unexpected end", this.end);
    const bytes = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new ComponentError("malformed", "malformed UTF-8 encoding", { offset: start, cause });
    }
  }

  /** A reader for the next `length` bytes, which this reader passes over. */
  section(length: number): Reader {
    const start = this.position;
    if (length > this.remaining) malformed("unexpected end: section extends past the end", start);
    this.position += length;
    return new Reader(this.bytes, start, start + length);
  }

  /** Insists that everything was read. */
  finish(what: string): void {
    if (!this.done) malformed(`${what} size mismatch: unexpected bytes at its end`, this.position);
  }
}
