/** Tiny core modules that import a function of the host and export it again, which makes a core function of it. */
import type { FlatType } from "../canonical/layout.ts";
import { WebAssembly } from "../canonical/webassembly.ts";

/** The signature of a core function. */
export interface CoreSignature {
  readonly parameters: readonly FlatType[];
  readonly results: readonly FlatType[];
}

export const typeCodes: { readonly [type in FlatType]: number } = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** A core function for a host function, or for a `Suspending` object. */
export function asCoreFunction(signature: CoreSignature, value: unknown): unknown {
  const types = section(1, [[0x60, ...typeList(signature.parameters), ...typeList(signature.results)]]);
  // `(import "" "f" (func (type 0)))` and `(export "f" (func 0))`
  const imports = section(2, [[0, 1, 0x66, 0, 0]]);
  const exports = section(7, [[1, 0x66, 0, 0]]);
  const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...imports, ...exports]);
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { "": { f: value } }).exports["f"];
}

export function typeList(types: readonly FlatType[]): readonly number[] {
  return [types.length, ...types.map((type) => typeCodes[type])];
}

/** A section of few short entries. A function has at most 17 parameters, so that every length fits in one byte. */
export function section(id: number, entries: readonly (readonly number[])[]): readonly number[] {
  const bytes = entries.flat();
  return [id, bytes.length + 1, entries.length, ...bytes];
}
