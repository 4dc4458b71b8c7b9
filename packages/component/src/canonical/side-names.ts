/** The names under which generated code knows one side of a call. */
import type { StringEncoding } from "../decode/model.ts";
import { childTypes } from "../types/child-types.ts";
import type { FunctionType, ValueType } from "../types/value-type.ts";
import type { Emitter } from "./emitter.ts";
import type { Side } from "./side.ts";

/** One side of a call during generation. */
export interface SideNames {
  readonly emitter: Emitter;
  /** The `Side`. */
  readonly side: string;
  /** Its `GuestMemory`. */
  readonly memory: string;
  /** Its `ComponentState`. */
  readonly state: string;
  /** Its `HandleTable`. */
  readonly handles: string;
  readonly encoding: StringEncoding;
  readonly hasMemory: boolean;
  /** Lists of numbers may be lifted as views of memory, because they are copied at once. */
  readonly views: boolean;
  /** Names of the handles that lifting has lent and that are taken back one by one when the call ends. */
  readonly lent: string[];
}

/** What of a side decides how its code looks. */
export interface SideShape {
  readonly encoding: StringEncoding;
  readonly hasMemory: boolean;
}

/** The shape of a side. */
export function shapeOf(side: Side): SideShape {
  return { encoding: side.encoding, hasMemory: side.memory.memory !== undefined };
}

/** A key for caches: sides with equal keys share their generated code. */
export function shapeKey({ encoding, hasMemory }: SideShape): string {
  return hasMemory ? encoding : `${encoding} without memory`;
}

/** Names the side that `env[key]` holds. */
export function sideNames(emitter: Emitter, key: string, shape: SideShape, views = false): SideNames {
  const side = emitter.constant(`env.${key}`);
  const state = emitter.constant(`${side}.state`);
  return {
    emitter,
    side,
    state,
    memory: emitter.constant(`${side}.memory`),
    handles: emitter.constant(`${state}.handles`),
    ...shape,
    views,
    lent: [],
  };
}

/** The name of the runtime type of a resource variable. */
export function resourceName(names: SideNames, variable: number): string {
  return names.emitter.constant(`${names.side}.resources.get(${variable})`);
}

/** True if a value of the type may hold a borrowed handle. */
export function hasBorrow(type: ValueType): boolean {
  return type.kind === "borrow" || childTypes(type).some(hasBorrow);
}

/** True if some parameter may hold a borrowed handle. */
export function takesBorrows(type: FunctionType): boolean {
  return type.parameters.some((parameter) => hasBorrow(parameter.type));
}

const weights = new WeakMap<ValueType, number>();

/** How many parts a type has, itself included: a measure of the code that it needs. */
export function weightOf(type: ValueType): number {
  let weight = weights.get(type);
  if (weight === undefined) {
    weight = childTypes(type).reduce((sum, part) => sum + weightOf(part), 1);
    weights.set(type, weight);
  }
  return weight;
}

/** Values in memory of types heavier than this are handled by functions of their own, which bounds the generated code. */
export const inlineWeightMax = 12;
