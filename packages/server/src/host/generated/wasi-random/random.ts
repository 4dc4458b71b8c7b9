/** Made of packages/sdk/wit/wasi-random/random.wit by tools/generate-host-types.ts. */
/** wasi:random/random@0.2.0 */
export interface WasiRandomRandom {
  readonly name: "wasi:random/random@0.2.0";
  readonly functions: {
    readonly "get-random-bytes": (len: bigint) => Uint8Array;
    readonly "get-random-u64": () => bigint;
  };
  readonly resources: never;
}
