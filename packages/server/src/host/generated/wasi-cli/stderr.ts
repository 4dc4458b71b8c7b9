/** Made of packages/sdk/wit/wasi-cli/stderr.wit by tools/generate-host-types.ts. */
export type OutputStream = number;

/** wasi:cli/stderr@0.2.0 */
export interface WasiCliStderr {
  readonly name: "wasi:cli/stderr@0.2.0";
  readonly functions: { readonly "get-stderr": () => OutputStream };
  readonly resources: never;
}
