/** Made of packages/sdk/wit/wasi-io/error.wit by tools/generate-host-types.ts. */
export type Error = number;

/** wasi:io/error@0.2.0 */
export interface WasiIoError {
  readonly name: "wasi:io/error@0.2.0";
  readonly functions: { readonly "[method]error.to-debug-string": (self: Error) => string };
  readonly resources: "error";
}
