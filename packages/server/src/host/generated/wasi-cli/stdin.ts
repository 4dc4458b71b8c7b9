/** Made of packages/sdk/wit/wasi-cli/stdin.wit by tools/generate-host-types.ts. */
export type InputStream = number;

/** wasi:cli/stdin@0.2.0 */
export interface WasiCliStdin {
  readonly name: "wasi:cli/stdin@0.2.0";
  readonly functions: { readonly "get-stdin": () => InputStream };
  readonly resources: never;
}
