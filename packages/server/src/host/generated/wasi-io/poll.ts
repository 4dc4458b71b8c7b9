/** Made of packages/sdk/wit/wasi-io/poll.wit by tools/generate-host-types.ts. */
export type Pollable = number;

/** wasi:io/poll@0.2.0 */
export interface WasiIoPoll {
  readonly name: "wasi:io/poll@0.2.0";
  readonly functions: {
    readonly "[method]pollable.ready": (self: Pollable) => boolean;
    readonly "[method]pollable.block": (self: Pollable) => void;
    readonly poll: (in_: readonly Pollable[]) => ArrayLike<number>;
  };
  readonly resources: "pollable";
}
