/** Made of packages/sdk/wit/golem-rpc-0.1/types.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type CancellationToken = number;

export type FutureInvokeResult = number;

export type Pollable = number;

export type WasmRpc = number;

export type Uri = { readonly value: string };

export type WitNode =
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
  | { readonly tag: "handle"; readonly val: readonly [Uri, bigint] };

export type WitValue = { readonly nodes: readonly WitNode[] };

export type RpcError =
  | { readonly tag: "protocol-error"; readonly val: string }
  | { readonly tag: "denied"; readonly val: string }
  | { readonly tag: "not-found"; readonly val: string }
  | { readonly tag: "remote-internal-error"; readonly val: string };

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type ResourceMode = "owned" | "borrowed";

export type WitTypeNode =
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
  | { readonly tag: "handle-type"; readonly val: readonly [bigint, ResourceMode] };

export type WitType = { readonly nodes: readonly WitTypeNode[] };

export type ValueAndType = { readonly value: WitValue; readonly typ: WitType };

/** golem:rpc/types@0.1.3 */
export interface GolemRpcTypes {
  readonly name: "golem:rpc/types@0.1.3";
  readonly functions: {
    readonly "[constructor]wasm-rpc": (location: Uri) => WasmRpc;
    readonly "[method]wasm-rpc.invoke-and-await": (
      self: WasmRpc,
      functionName: string,
      functionParams: readonly WitValue[],
    ) => Result<WitValue, RpcError>;
    readonly "[method]wasm-rpc.invoke": (
      self: WasmRpc,
      functionName: string,
      functionParams: readonly WitValue[],
    ) => Result<void, RpcError>;
    readonly "[method]wasm-rpc.async-invoke-and-await": (
      self: WasmRpc,
      functionName: string,
      functionParams: readonly WitValue[],
    ) => FutureInvokeResult;
    readonly "[method]wasm-rpc.schedule-invocation": (
      self: WasmRpc,
      scheduledTime: Datetime,
      functionName: string,
      functionParams: readonly WitValue[],
    ) => void;
    readonly "[method]wasm-rpc.schedule-cancelable-invocation": (
      self: WasmRpc,
      scheduledTime: Datetime,
      functionName: string,
      functionParams: readonly WitValue[],
    ) => CancellationToken;
    readonly "[method]future-invoke-result.subscribe": (self: FutureInvokeResult) => Pollable;
    readonly "[method]future-invoke-result.get": (self: FutureInvokeResult) => Result<WitValue, RpcError> | undefined;
    readonly "[method]cancellation-token.cancel": (self: CancellationToken) => void;
    readonly "extract-value": (vnt: ValueAndType) => WitValue;
    readonly "extract-type": (vnt: ValueAndType) => WitType;
  };
  readonly resources: "wasm-rpc" | "future-invoke-result" | "cancellation-token";
}
