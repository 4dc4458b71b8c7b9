/** What component-level index spaces hold at run time. */
import type { ComponentState, ResourceType } from "../canonical/component-state.ts";
import type { CoreFunction, Side } from "../canonical/side.ts";
import type { HostFunction, Imports } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";

/** A function of the host. */
export interface HostTarget {
  readonly kind: "host";
  readonly suspends: boolean;
  /** Finds it among the imports of one instance. */
  readonly find: (imports: Imports) => HostFunction;
}

/** A component function: the host's, or one that a component instance has lifted. */
export type ComponentFunction =
  | HostTarget
  | {
      readonly kind: "lifted";
      /** With the resource variables of the definition that lifted it. */
      readonly type: FunctionType;
      readonly core: CoreFunction;
      readonly side: Side;
    };

/** A component with what it has captured from the definitions around it. */
export interface ComponentValue {
  readonly definition: number;
  readonly captures: readonly Item[];
  readonly parent: ComponentState;
}

/** The exports of a component instance. */
export type InstanceValue = ReadonlyMap<string, Item>;

/** An entry of a runtime index space, or an argument or export. */
export type Item =
  | { readonly sort: "function"; readonly value: ComponentFunction }
  | { readonly sort: "instance"; readonly value: InstanceValue }
  | { readonly sort: "component"; readonly value: ComponentValue }
  /** A position in `Component.modules`. */
  | { readonly sort: "core-module"; readonly value: number }
  /** A resource type; undefined for types that don't exist at run time. */
  | { readonly sort: "type"; readonly value: ResourceType | undefined };

/** The value of an item of some sort. */
export type ItemValue<Sort extends Item["sort"]> = Extract<Item, { readonly sort: Sort }>["value"];
