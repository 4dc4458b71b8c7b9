/** Made of packages/sdk/wit/wasi-keyvalue/wasi-keyvalue-error.wit by tools/generate-host-types.ts. */
export type Error = number;

/** wasi:keyvalue/wasi-keyvalue-error@0.1.0 */
export interface WasiKeyvalueWasiKeyvalueError {
  readonly name: "wasi:keyvalue/wasi-keyvalue-error@0.1.0";
  readonly functions: { readonly "[method]error.trace": (self: Error) => string };
  readonly resources: "error";
}
