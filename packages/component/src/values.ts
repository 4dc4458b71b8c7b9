/** Types and the form of values, without the runtime: what clients need that only send and receive values. */
export { camelCase } from "./canonical/names.ts";
export type { NumberArray, NumberArrayConstructor } from "./canonical/number-lists.ts";
export { numberArrays } from "./canonical/number-lists.ts";
export * from "./types/format.ts";
export * from "./types/value-type.ts";
export type { Value } from "./host.ts";
