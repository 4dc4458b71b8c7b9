/** Made of packages/sdk/wit/wasi-keyvalue/types.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Bucket = number;

export type Error = number;

export type IncomingValue = number;

export type InputStream = number;

export type OutgoingValue = number;

export type OutputStream = number;

export type OutgoingValueBodySync = Uint8Array;

export type IncomingValueSyncBody = OutgoingValueBodySync;

/** wasi:keyvalue/types@0.1.0 */
export interface WasiKeyvalueTypes {
  readonly name: "wasi:keyvalue/types@0.1.0";
  readonly functions: {
    readonly "[static]bucket.open-bucket": (name: string) => Result<Bucket, Error>;
    readonly "[static]outgoing-value.new-outgoing-value": () => OutgoingValue;
    readonly "[method]outgoing-value.outgoing-value-write-body-async": (
      self: OutgoingValue,
    ) => Result<OutputStream, Error>;
    readonly "[method]outgoing-value.outgoing-value-write-body-sync": (
      self: OutgoingValue,
      value: OutgoingValueBodySync,
    ) => Result<void, Error>;
    readonly "[method]incoming-value.incoming-value-consume-sync": (
      self: IncomingValue,
    ) => Result<OutgoingValueBodySync, Error>;
    readonly "[method]incoming-value.incoming-value-consume-async": (self: IncomingValue) => Result<InputStream, Error>;
    readonly "[method]incoming-value.incoming-value-size": (self: IncomingValue) => Result<bigint, Error>;
  };
  readonly resources: "bucket" | "outgoing-value" | "incoming-value";
}
