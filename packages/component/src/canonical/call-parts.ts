/** Parts that the generated functions for exports, imports and adapters have in common. */
import type { FunctionType } from "../types/value-type.ts";
import { layoutOf, signatureOf } from "./layout.ts";
import type { Lifted } from "./lift.ts";
import { liftValue } from "./lift.ts";
import { lowerValue } from "./lower.ts";
import { flatReader, memoryReader } from "./reader.ts";
import type { SideNames } from "./side-names.ts";
import type { FlatVariable } from "./writer.ts";
import { declareFlat, flatWriter, memoryWriter } from "./writer.ts";

/** Names of the core parameters of a lowered function. */
export function coreParameters(type: FunctionType): {
  readonly flat: readonly string[];
  readonly returnPointer: string | undefined;
  readonly all: readonly string[];
} {
  const { parameters, spilled, returnPointer } = signatureOf(type);
  const flat = (spilled ? ["i32"] : parameters.flat).map((_type, index) => `c${index}`);
  return { flat, returnPointer: returnPointer ? "ret" : undefined, all: returnPointer ? [...flat, "ret"] : flat };
}

/** Emits the lifting of all parameters out of the core parameters. */
export function liftParameters(names: SideNames, type: FunctionType, flat: readonly string[]): readonly Lifted[] {
  const { emitter, side } = names;
  const types = type.parameters.map((parameter) => parameter.type);
  const { parameters, spilled } = signatureOf(type);
  if (!spilled) {
    const values = flat.map((code, index) => ({ code, type: parameters.flat[index] ?? "i32" }));
    const reader = flatReader(emitter, values);
    return types.map((one) => liftValue(names, one, reader));
  }
  const pointer = emitter.bind(`${flat[0]} >>> 0`);
  emitter.line(`${side}.checkPointer(${pointer}, ${parameters.alignment}, ${parameters.size});`);
  const readers = memoryReader(names.memory, pointer).members(types);
  return types.map((one, index) => liftValue(names, one, readers[index] ?? memoryReader(names.memory, pointer)));
}

/** Emits the lowering of all parameters; gives the names of the core arguments. */
export function lowerParameters(names: SideNames, type: FunctionType, values: readonly Lifted[]): readonly string[] {
  const { emitter, side, memory } = names;
  const types = type.parameters.map((parameter) => parameter.type);
  const { parameters, spilled } = signatureOf(type);
  let variables: readonly FlatVariable[];
  let writers;
  if (spilled) {
    const pointer = emitter.bind(`${side}.allocate(${parameters.alignment}, ${parameters.size})`);
    variables = [{ name: pointer, type: "i32" }];
    writers = memoryWriter(emitter, { memory, base: pointer, offset: 0 }).members(types);
  } else {
    variables = declareFlat(emitter, parameters.flat);
    writers = flatWriter(emitter, variables).members(types);
  }
  for (const [index, one] of types.entries()) {
    const value = values[index];
    const writer = writers[index];
    if (value !== undefined && writer !== undefined) lowerValue(names, one, { value, writer });
  }
  return variables.map((variable) => variable.name);
}

/** Emits the lifting of a function's result out of the core result named `core`. */
export function liftResult(names: SideNames, type: FunctionType, core: string): Lifted | undefined {
  const { emitter, side } = names;
  if (type.result === undefined) return undefined;
  const { returnPointer } = signatureOf(type);
  const { size, alignment, flat } = layoutOf(type.result);
  if (!returnPointer) {
    const values = flat.map((one) => ({ code: core, type: one }));
    return liftValue(names, type.result, flatReader(emitter, values));
  }
  const pointer = emitter.bind(`${core} >>> 0`);
  emitter.line(`${side}.checkPointer(${pointer}, ${alignment}, ${size});`);
  return liftValue(names, type.result, memoryReader(names.memory, pointer));
}

/** Emits the lowering of a function's result; gives the name of the core result, if there is one. */
export function lowerResult(names: SideNames, type: FunctionType, value: Lifted | undefined): string | undefined {
  const { emitter, side, memory } = names;
  if (type.result === undefined || value === undefined) return undefined;
  const { returnPointer } = signatureOf(type);
  const { size, alignment, flat } = layoutOf(type.result);
  if (returnPointer) {
    const pointer = emitter.bind("ret >>> 0");
    emitter.line(`${side}.checkPointer(${pointer}, ${alignment}, ${size});`);
    lowerValue(names, type.result, { value, writer: memoryWriter(emitter, { memory, base: pointer, offset: 0 }) });
    return undefined;
  }
  const variables = declareFlat(emitter, flat);
  lowerValue(names, type.result, { value, writer: flatWriter(emitter, variables) });
  return variables[0]?.name;
}

/** Emits the renewal of a side's memory views, needed wherever guest code may have run before. */
export function refreshViews(names: SideNames): void {
  if (names.hasMemory) names.emitter.line(`${names.memory}.check();`);
}
