/** Made of packages/sdk/wit/wasi-blobstore/types.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type IncomingValue = number;

export type InputStream = number;

export type OutgoingValue = number;

export type OutputStream = number;

export type IncomingValueSyncBody = Uint8Array;

export type ContainerMetadata = { readonly name: string; readonly createdAt: bigint };

export type ObjectMetadata = {
  readonly name: string;
  readonly container: string;
  readonly createdAt: bigint;
  readonly size: bigint;
};

export type ObjectId = { readonly container: string; readonly object: string };

/** wasi:blobstore/types */
export interface WasiBlobstoreTypes {
  readonly name: "wasi:blobstore/types";
  readonly functions: {
    readonly "[static]outgoing-value.new-outgoing-value": () => OutgoingValue;
    readonly "[method]outgoing-value.outgoing-value-write-body": (self: OutgoingValue) => Result<OutputStream, void>;
    readonly "[method]incoming-value.incoming-value-consume-sync": (
      self: IncomingValue,
    ) => Result<IncomingValueSyncBody, string>;
    readonly "[method]incoming-value.incoming-value-consume-async": (
      self: IncomingValue,
    ) => Result<InputStream, string>;
    readonly "[method]incoming-value.size": (self: IncomingValue) => bigint;
  };
  readonly resources: "outgoing-value" | "incoming-value";
}
