/** Made of packages/sdk/wit/wasi-keyvalue/eventual-batch.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Bucket = number;

export type Error = number;

export type IncomingValue = number;

export type OutgoingValue = number;

/** wasi:keyvalue/eventual-batch@0.1.0 */
export interface WasiKeyvalueEventualBatch {
  readonly name: "wasi:keyvalue/eventual-batch@0.1.0";
  readonly functions: {
    readonly "get-many": (
      bucket: Bucket,
      keys: readonly string[],
    ) => Result<readonly (IncomingValue | undefined)[], Error>;
    readonly keys: (bucket: Bucket) => Result<readonly string[], Error>;
    readonly "set-many": (
      bucket: Bucket,
      keyValues: readonly (readonly [string, OutgoingValue])[],
    ) => Result<void, Error>;
    readonly "delete-many": (bucket: Bucket, keys: readonly string[]) => Result<void, Error>;
  };
  readonly resources: never;
}
