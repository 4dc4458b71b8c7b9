/** Made of packages/sdk/wit/wasi-random/insecure-seed.wit by tools/generate-host-types.ts. */
/** wasi:random/insecure-seed@0.2.0 */
export interface WasiRandomInsecureSeed {
  readonly name: "wasi:random/insecure-seed@0.2.0";
  readonly functions: { readonly "insecure-seed": () => readonly [bigint, bigint] };
  readonly resources: never;
}
