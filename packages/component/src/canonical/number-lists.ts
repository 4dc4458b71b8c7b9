/** Lists of numbers, which are typed arrays in JavaScript. */
import type { ValueType } from "../types/value-type.ts";
import type { Side } from "./side.ts";

/** The typed arrays that lists of numbers are. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Makes typed arrays of one kind. */
export interface NumberArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  from(items: readonly unknown[]): NumberArray;
  new (length: number): NumberArray;
  new (buffer: ArrayBufferLike, offset: number, length: number): NumberArray;
}

/** The array type for lists of each kind of number. */
export const numberArrays: { readonly [kind: string]: NumberArrayConstructor } = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** True for types whose lists are typed arrays. */
export function isNumber(type: ValueType): boolean {
  return Object.hasOwn(numberArrays, type.kind);
}

/** Lifts a list into an array of its own. */
export function liftNumbers(side: Side, array: NumberArrayConstructor, pointer: number, count: number): NumberArray {
  const size = array.BYTES_PER_ELEMENT;
  side.checkList(pointer, count, size, size);
  const { bytes } = side.memory;
  if (array === Uint8Array) return bytes.slice(pointer, pointer + count);
  const copy = new array(count);
  new Uint8Array(copy.buffer).set(bytes.subarray(pointer, pointer + count * size));
  canonicalizeNaNs(copy);
  return copy;
}

/**
 * Lifts a list as a view of guest memory, for a callee that copies it at once. Only for calls between two component
 * instances with different memories: the allocation in the callee can't then detach the view.
 */
export function viewNumbers(side: Side, array: NumberArrayConstructor, pointer: number, count: number): NumberArray {
  const size = array.BYTES_PER_ELEMENT;
  side.checkList(pointer, count, size, size);
  return new array(side.memory.bytes.buffer, pointer, count);
}

/** Lowers a list: gives the pointer, and the count in `side.length`. */
export function lowerNumbers(
  side: Side,
  array: NumberArrayConstructor,
  value: NumberArray | readonly (number | bigint)[],
): number {
  const count = value.length;
  const size = array.BYTES_PER_ELEMENT;
  const pointer = side.allocate(size, count * size);
  const { bytes } = side.memory;
  if (value instanceof Uint8Array) {
    bytes.set(value, pointer);
  } else {
    const target = new array(bytes.buffer, pointer, count);
    (target as { set(values: NumberArray | readonly (number | bigint)[]): void }).set(value);
    canonicalizeNaNs(target);
  }
  side.length = count;
  return pointer;
}

// The canonical ABI lets no NaN payload pass, so that results don't depend on the processor.
function canonicalizeNaNs(array: NumberArray): void {
  if (!(array instanceof Float64Array || array instanceof Float32Array)) return;
  for (let index = 0; index < array.length; index++) {
    const value = array[index];
    if (value !== value) array[index] = NaN;
  }
}
