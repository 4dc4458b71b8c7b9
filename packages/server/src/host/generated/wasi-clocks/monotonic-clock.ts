/** Made of packages/sdk/wit/wasi-clocks/monotonic-clock.wit by tools/generate-host-types.ts. */
export type Pollable = number;

/** wasi:clocks/monotonic-clock@0.2.0 */
export interface WasiClocksMonotonicClock {
  readonly name: "wasi:clocks/monotonic-clock@0.2.0";
  readonly functions: {
    readonly now: () => bigint;
    readonly resolution: () => bigint;
    readonly "subscribe-instant": (when: bigint) => Pollable;
    readonly "subscribe-duration": (when: bigint) => Pollable;
  };
  readonly resources: never;
}
