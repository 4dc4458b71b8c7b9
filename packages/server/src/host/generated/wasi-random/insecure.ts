/** Made of packages/sdk/wit/wasi-random/insecure.wit by tools/generate-host-types.ts. */
/** wasi:random/insecure@0.2.0 */
export interface WasiRandomInsecure {
  readonly name: "wasi:random/insecure@0.2.0";
  readonly functions: {
    readonly "get-insecure-random-bytes": (len: bigint) => Uint8Array;
    readonly "get-insecure-random-u64": () => bigint;
  };
  readonly resources: never;
}
