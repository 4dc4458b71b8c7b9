/** Tiny core modules that import functions of the host and export them again, which makes core functions of them. */
import type { FlatType } from "../canonical/layout.ts";
import type { CoreExports } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";

/** The signature of a core function. */
export interface CoreSignature {
  readonly parameters: readonly FlatType[];
  readonly results: readonly FlatType[];
}

const typeCodes: { readonly [type in FlatType]: number } = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** Core functions for host functions, by position; a `Suspending` object becomes a function too. */
export function asCoreFunctions(functions: readonly (CoreSignature & { readonly value: unknown })[]): CoreExports {
  const name = (index: number): readonly number[] => [1, 0x61 + index];
  const sections = [
    section(
      1,
      functions.map((one) => [0x60, ...typeList(one.parameters), ...typeList(one.results)]),
    ),
    section(
      2,
      functions.map((_one, index) => [0, ...name(index), 0, index]),
    ),
    section(
      7,
      functions.map((_one, index) => [...name(index), 0, index]),
    ),
  ];
  const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
  const imports = Object.fromEntries(functions.map(({ value }, index) => [String.fromCharCode(0x61 + index), value]));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { "": imports }).exports;
}

function typeList(types: readonly FlatType[]): readonly number[] {
  return [types.length, ...types.map((type) => typeCodes[type])];
}

// At most a few functions of at most 17 parameters: every length fits in one byte.
function section(id: number, entries: readonly (readonly number[])[]): readonly number[] {
  const body = [entries.length, ...entries.flat()];
  return [id, body.length, ...body];
}
