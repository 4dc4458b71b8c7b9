/** Made of packages/sdk/wit/wasi-keyvalue/atomic.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Bucket = number;

export type Error = number;

/** wasi:keyvalue/atomic@0.1.0 */
export interface WasiKeyvalueAtomic {
  readonly name: "wasi:keyvalue/atomic@0.1.0";
  readonly functions: {
    readonly increment: (bucket: Bucket, key: string, delta: bigint) => Result<bigint, Error>;
    readonly "compare-and-swap": (bucket: Bucket, key: string, old: bigint, new_: bigint) => Result<boolean, Error>;
  };
  readonly resources: never;
}
