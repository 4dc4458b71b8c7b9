/** Made of packages/sdk/wit/wasi-clocks/wall-clock.wit by tools/generate-host-types.ts. */
export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

/** wasi:clocks/wall-clock@0.2.0 */
export interface WasiClocksWallClock {
  readonly name: "wasi:clocks/wall-clock@0.2.0";
  readonly functions: { readonly now: () => Datetime; readonly resolution: () => Datetime };
  readonly resources: never;
}
