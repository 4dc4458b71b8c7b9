/** Made of packages/sdk/wit/wasi-cli/stdout.wit by tools/generate-host-types.ts. */
export type OutputStream = number;

/** wasi:cli/stdout@0.2.0 */
export interface WasiCliStdout {
  readonly name: "wasi:cli/stdout@0.2.0";
  readonly functions: { readonly "get-stdout": () => OutputStream };
  readonly resources: never;
}
