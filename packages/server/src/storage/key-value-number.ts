/** Numbers as the key-value store keeps them. */
import { StoreError } from "../platform/store-error.ts";

const numberMax = 2n ** 64n - 1n;

/** Absent is 0; 8 bytes are read as little-endian. Throws for any other length. */
export function readNumber(value: Uint8Array | undefined): bigint {
  if (value === undefined) return 0n;
  if (value.length === 8) return new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true);
  throw notNumber(value.length);
}

export function notNumber(bytes: number): StoreError {
  return new StoreError("failed", `the value is not a number: it has ${bytes} bytes instead of 8`);
}

export function writeNumber(number: bigint): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, number, true);
  return value;
}

/** Throws where 64 bits don't suffice. */
export function addNumber(number: bigint, delta: bigint): bigint {
  if (number + delta <= numberMax) return number + delta;
  throw new StoreError("failed", `cannot add ${delta} to ${number}: the sum needs more than 64 bits`);
}
