/** Made of packages/sdk/wit/wasi-keyvalue/eventual.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Bucket = number;

export type Error = number;

export type IncomingValue = number;

export type OutgoingValue = number;

/** wasi:keyvalue/eventual@0.1.0 */
export interface WasiKeyvalueEventual {
  readonly name: "wasi:keyvalue/eventual@0.1.0";
  readonly functions: {
    readonly get: (bucket: Bucket, key: string) => Result<IncomingValue | undefined, Error>;
    readonly set: (bucket: Bucket, key: string, outgoingValue: OutgoingValue) => Result<void, Error>;
    readonly delete: (bucket: Bucket, key: string) => Result<void, Error>;
    readonly exists: (bucket: Bucket, key: string) => Result<boolean, Error>;
  };
  readonly resources: never;
}
