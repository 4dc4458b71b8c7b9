/**
 * Strings and characters between JavaScript and guest memory, in the three encodings of the canonical ABI.
 *
 * Short ASCII goes through loops in JavaScript, everything else through Node's Buffer where there is one: a call into
 * the engine costs 30 to 70 ns, about what a loop needs for the limits below.
 */
import { listBytesMax } from "./layout.ts";
import type { GuestMemory } from "./memory.ts";
import type { Side } from "./side.ts";
import { trap } from "./trap.ts";

const liftLoopMax = 8;
const lowerLoopMax = 24;
const utf16Tag = 0x8000_0000;
const replacement = "\ufffd";

const encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16Decoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/** Lifts a string of `length` bytes. */
export function liftUtf8(memory: GuestMemory, pointer: number, length: number): string {
  checkRange(memory, pointer, length, 1);
  if (length <= liftLoopMax) {
    const short = liftShortAscii(memory.bytes, pointer, length);
    if (short !== undefined) return short;
  }
  if (memory.text === undefined) return decode(utf8Decoder, memory, pointer, length);
  const text = memory.text.utf8Slice(pointer, pointer + length);
  // The fast function replaces what is invalid, so only a text with the replacement character needs a second look.
  return text.includes(replacement) ? decode(utf8Decoder, memory, pointer, length) : text;
}

/** Lifts a string of `units` 16-bit code units. */
export function liftUtf16(memory: GuestMemory, pointer: number, units: number): string {
  checkRange(memory, pointer, units * 2, 2);
  if (memory.text === undefined) return decode(utf16Decoder, memory, pointer, units * 2);
  const text = memory.text.ucs2Slice(pointer, pointer + units * 2);
  if (!text.isWellFormed()) trap("string is not valid UTF-16");
  return text;
}

/** Lifts a string in Latin-1, or in UTF-16 where the highest bit of the length is set. */
export function liftLatin1OrUtf16(memory: GuestMemory, pointer: number, length: number): string {
  if (length >= utf16Tag) return liftUtf16(memory, pointer, length - utf16Tag);
  checkRange(memory, pointer, length, 2);
  if (memory.text !== undefined) return memory.text.latin1Slice(pointer, pointer + length);
  let text = "";
  for (let index = 0; index < length; index++) text += String.fromCharCode(memory.bytes[pointer + index] ?? 0);
  return text;
}

function checkRange(memory: GuestMemory, pointer: number, bytes: number, alignment: number): void {
  if (bytes > listBytesMax) trap("string is too long for the canonical ABI");
  if ((pointer & (alignment - 1)) !== 0) trap("string pointer is not aligned");
  if (pointer + bytes > memory.bytes.length) trap("string pointer/length out of bounds of memory");
  memory.charge(bytes);
}

function decode(decoder: TextDecoder, memory: GuestMemory, pointer: number, bytes: number): string {
  try {
    return decoder.decode(memory.bytes.subarray(pointer, pointer + bytes));
  } catch {
    trap(`string is not valid ${decoder === utf8Decoder ? "UTF-8" : "UTF-16"}`);
  }
}

// One `fromCharCode` for each length is twice as fast as a loop that appends.
function liftShortAscii(bytes: Uint8Array, pointer: number, length: number): string | undefined {
  if (length === 0) return "";
  const a = bytes[pointer] ?? 0;
  const b = length > 1 ? (bytes[pointer + 1] ?? 0) : 0;
  const c = length > 2 ? (bytes[pointer + 2] ?? 0) : 0;
  const d = length > 3 ? (bytes[pointer + 3] ?? 0) : 0;
  if ((a | b | c | d) > 0x7f) return undefined;
  if (length === 1) return String.fromCharCode(a);
  if (length === 2) return String.fromCharCode(a, b);
  if (length === 3) return String.fromCharCode(a, b, c);
  if (length === 4) return String.fromCharCode(a, b, c, d);
  const e = bytes[pointer + 4] ?? 0;
  const f = length > 5 ? (bytes[pointer + 5] ?? 0) : 0;
  const g = length > 6 ? (bytes[pointer + 6] ?? 0) : 0;
  const h = length > 7 ? (bytes[pointer + 7] ?? 0) : 0;
  if ((e | f | g | h) > 0x7f) return undefined;
  if (length === 5) return String.fromCharCode(a, b, c, d, e);
  if (length === 6) return String.fromCharCode(a, b, c, d, e, f);
  if (length === 7) return String.fromCharCode(a, b, c, d, e, f, g);
  return String.fromCharCode(a, b, c, d, e, f, g, h);
}

/** Lowers a string as UTF-8: gives the pointer, and the number of bytes in `side.length`. */
export function lowerUtf8(side: Side, text: string): number {
  const units = text.length;
  if (units <= lowerLoopMax && isAscii(text)) {
    const pointer = side.allocate(1, units);
    const { bytes } = side.memory;
    for (let index = 0; index < units; index++) bytes[pointer + index] = text.charCodeAt(index);
    side.length = units;
    return pointer;
  }
  const { buffers } = side.memory;
  return buffers === undefined ? lowerEncoded(side, text) : lowerWithBuffer(side, text, buffers.byteLength(text));
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function lowerWithBuffer(side: Side, text: string, length: number): number {
  const pointer = side.allocate(1, length);
  side.memory.text?.utf8Write(text, pointer, length);
  side.length = length;
  return pointer;
}

function lowerEncoded(side: Side, text: string): number {
  const encoded = encoder.encode(text);
  const pointer = side.allocate(1, encoded.length);
  side.memory.bytes.set(encoded, pointer);
  side.length = encoded.length;
  return pointer;
}

/** Lowers a string as UTF-16: gives the pointer, and the number of code units in `side.length`. */
export function lowerUtf16(side: Side, text: string): number {
  const wellFormed = text.toWellFormed();
  const units = wellFormed.length;
  const pointer = side.allocate(2, units * 2);
  writeUnits(side.memory, wellFormed, pointer);
  side.length = units;
  return pointer;
}

function writeUnits(memory: GuestMemory, text: string, pointer: number): void {
  if (memory.text !== undefined) {
    memory.text.ucs2Write(text, pointer, text.length * 2);
    return;
  }
  for (let index = 0; index < text.length; index++) {
    memory.view.setUint16(pointer + index * 2, text.charCodeAt(index), true);
  }
}

/** Lowers a string as Latin-1 if it can be, else as UTF-16 with the highest bit of `side.length` set. */
export function lowerLatin1OrUtf16(side: Side, text: string): number {
  if (!isLatin1(text)) {
    const pointer = lowerUtf16(side, text);
    side.length += utf16Tag;
    return pointer;
  }
  const units = text.length;
  const pointer = side.allocate(2, units);
  const { bytes, text: buffer } = side.memory;
  if (buffer !== undefined && units > lowerLoopMax) buffer.latin1Write(text, pointer, units);
  else for (let index = 0; index < units; index++) bytes[pointer + index] = text.charCodeAt(index);
  side.length = units;
  return pointer;
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

/** Lifts a character. */
export function liftChar(scalar: number): string {
  if (scalar >= 0x11_0000) trap("character is above U+10FFFF");
  if (scalar >= 0xd800 && scalar <= 0xdfff) trap("character is a surrogate");
  return String.fromCodePoint(scalar);
}

/** True for a string of exactly one Unicode scalar value. */
export function isChar(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0 || value.length > 2) return false;
  const scalar = value.codePointAt(0) ?? 0;
  return value.length === (scalar > 0xffff ? 2 : 1) && (scalar < 0xd800 || scalar > 0xdfff);
}
