/**
 * A WebAssembly component runtime for JavaScript hosts: decode a component, compile it, instantiate it with host
 * functions, call its exports. See the README for an example.
 */
export type { HandleTableState } from "./canonical/handles.ts";
export { HandleTable } from "./canonical/handles.ts";
export type { GuestFrame } from "./canonical/backtrace.ts";
export { camelCase } from "./canonical/names.ts";
export type { NumberArray, NumberArrayConstructor } from "./canonical/number-lists.ts";
export { numberArrays } from "./canonical/number-lists.ts";
export type { TrapKind } from "./canonical/trap.ts";
export { TrapError } from "./canonical/trap.ts";
export type { CoreGlobal, CoreMemory, CoreModule, CoreTable } from "./canonical/webassembly.ts";
export { decode } from "./decode/decode.ts";
export type * from "./decode/model.ts";
export * from "./errors.ts";
export type * from "./host.ts";
export type { Component, Prepared } from "./link/component.ts";
export { compile, withoutRewriting } from "./link/component.ts";
export { ExportedFunction } from "./link/exported-function.ts";
export { compatibleLookup, hostInstances, serves } from "./link/import-names.ts";
export type { Footprint, InstantiateOptions } from "./link/instance.ts";
export { Instance, instantiate } from "./link/instance.ts";
export type { ExportedFunctions, InstanceExports } from "./link/instance-exports.ts";
export type { InstanceState, StatePart } from "./link/state.ts";
export type { MemoryReservation } from "./rewrite/reserve-memory.ts";
export { reserveMemory } from "./rewrite/reserve-memory.ts";
export type * from "./rewrite/summary.ts";
export { childTypes } from "./types/child-types.ts";
export * from "./types/describe.ts";
export * from "./types/equal.ts";
export * from "./types/format.ts";
export * from "./types/value-type.ts";
export { prepareComponent } from "./prepare.ts";
