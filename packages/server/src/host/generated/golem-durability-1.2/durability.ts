/** Made of packages/sdk/wit/golem-durability-1.2/durability.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type LazyInitializedPollable = number;

export type Pollable = number;

export type WrappedFunctionType =
  | { readonly tag: "read-local"; readonly val?: undefined }
  | { readonly tag: "write-local"; readonly val?: undefined }
  | { readonly tag: "read-remote"; readonly val?: undefined }
  | { readonly tag: "write-remote"; readonly val?: undefined }
  | { readonly tag: "write-remote-batched"; readonly val: bigint | undefined };

export type DurableFunctionType = WrappedFunctionType;

export type PersistenceLevel =
  | { readonly tag: "persist-nothing"; readonly val?: undefined }
  | { readonly tag: "persist-remote-side-effects"; readonly val?: undefined }
  | { readonly tag: "smart"; readonly val?: undefined };

export type DurableExecutionState = { readonly isLive: boolean; readonly persistenceLevel: PersistenceLevel };

export type ValueAndType = {
  readonly value: {
    readonly nodes: readonly (
      | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
      | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
      | { readonly tag: "enum-value"; readonly val: number }
      | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
      | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
      | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
      | { readonly tag: "option-value"; readonly val: number | undefined }
      | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
      | { readonly tag: "prim-u8"; readonly val: number }
      | { readonly tag: "prim-u16"; readonly val: number }
      | { readonly tag: "prim-u32"; readonly val: number }
      | { readonly tag: "prim-u64"; readonly val: bigint }
      | { readonly tag: "prim-s8"; readonly val: number }
      | { readonly tag: "prim-s16"; readonly val: number }
      | { readonly tag: "prim-s32"; readonly val: number }
      | { readonly tag: "prim-s64"; readonly val: bigint }
      | { readonly tag: "prim-float32"; readonly val: number }
      | { readonly tag: "prim-float64"; readonly val: number }
      | { readonly tag: "prim-char"; readonly val: string }
      | { readonly tag: "prim-bool"; readonly val: boolean }
      | { readonly tag: "prim-string"; readonly val: string }
      | { readonly tag: "handle"; readonly val: readonly [{ readonly value: string }, bigint] }
    )[];
  };
  readonly typ: {
    readonly nodes: readonly (
      | { readonly tag: "record-type"; readonly val: readonly (readonly [string, number])[] }
      | { readonly tag: "variant-type"; readonly val: readonly (readonly [string, number | undefined])[] }
      | { readonly tag: "enum-type"; readonly val: readonly string[] }
      | { readonly tag: "flags-type"; readonly val: readonly string[] }
      | { readonly tag: "tuple-type"; readonly val: ArrayLike<number> }
      | { readonly tag: "list-type"; readonly val: number }
      | { readonly tag: "option-type"; readonly val: number }
      | { readonly tag: "result-type"; readonly val: readonly [number | undefined, number | undefined] }
      | { readonly tag: "prim-u8-type"; readonly val?: undefined }
      | { readonly tag: "prim-u16-type"; readonly val?: undefined }
      | { readonly tag: "prim-u32-type"; readonly val?: undefined }
      | { readonly tag: "prim-u64-type"; readonly val?: undefined }
      | { readonly tag: "prim-s8-type"; readonly val?: undefined }
      | { readonly tag: "prim-s16-type"; readonly val?: undefined }
      | { readonly tag: "prim-s32-type"; readonly val?: undefined }
      | { readonly tag: "prim-s64-type"; readonly val?: undefined }
      | { readonly tag: "prim-f32-type"; readonly val?: undefined }
      | { readonly tag: "prim-f64-type"; readonly val?: undefined }
      | { readonly tag: "prim-char-type"; readonly val?: undefined }
      | { readonly tag: "prim-bool-type"; readonly val?: undefined }
      | { readonly tag: "prim-string-type"; readonly val?: undefined }
      | { readonly tag: "handle-type"; readonly val: readonly [bigint, "owned" | "borrowed"] }
    )[];
  };
};

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type OplogEntryVersion = "v1" | "v2";

export type PersistedDurableFunctionInvocation = {
  readonly timestamp: Datetime;
  readonly functionName: string;
  readonly response: Uint8Array;
  readonly functionType: WrappedFunctionType;
  readonly entryVersion: OplogEntryVersion;
};

export type PersistedTypedDurableFunctionInvocation = {
  readonly timestamp: Datetime;
  readonly functionName: string;
  readonly response: ValueAndType;
  readonly functionType: WrappedFunctionType;
  readonly entryVersion: OplogEntryVersion;
};

/** golem:durability/durability@1.2.1 */
export interface GolemDurabilityDurability {
  readonly name: "golem:durability/durability@1.2.1";
  readonly functions: {
    readonly "[constructor]lazy-initialized-pollable": () => LazyInitializedPollable;
    readonly "[method]lazy-initialized-pollable.set": (self: LazyInitializedPollable, pollable: Pollable) => void;
    readonly "[method]lazy-initialized-pollable.subscribe": (self: LazyInitializedPollable) => Pollable;
    readonly "observe-function-call": (iface: string, function_: string) => void;
    readonly "begin-durable-function": (functionType: WrappedFunctionType) => bigint;
    readonly "end-durable-function": (
      functionType: WrappedFunctionType,
      beginIndex: bigint,
      forcedCommit: boolean,
    ) => void;
    readonly "current-durable-execution-state": () => DurableExecutionState;
    readonly "persist-durable-function-invocation": (
      functionName: string,
      request: Uint8Array,
      response: Uint8Array,
      functionType: WrappedFunctionType,
    ) => void;
    readonly "persist-typed-durable-function-invocation": (
      functionName: string,
      request: ValueAndType,
      response: ValueAndType,
      functionType: WrappedFunctionType,
    ) => void;
    readonly "read-persisted-durable-function-invocation": () => PersistedDurableFunctionInvocation;
    readonly "read-persisted-typed-durable-function-invocation": () => PersistedTypedDurableFunctionInvocation;
  };
  readonly resources: "lazy-initialized-pollable";
}
