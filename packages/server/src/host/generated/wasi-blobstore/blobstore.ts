/** Made of packages/sdk/wit/wasi-blobstore/blobstore.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Container = number;

export type ObjectId = { readonly container: string; readonly object: string };

/** wasi:blobstore/blobstore */
export interface WasiBlobstoreBlobstore {
  readonly name: "wasi:blobstore/blobstore";
  readonly functions: {
    readonly "create-container": (name: string) => Result<Container, string>;
    readonly "get-container": (name: string) => Result<Container, string>;
    readonly "delete-container": (name: string) => Result<void, string>;
    readonly "container-exists": (name: string) => Result<boolean, string>;
    readonly "copy-object": (src: ObjectId, dest: ObjectId) => Result<void, string>;
    readonly "move-object": (src: ObjectId, dest: ObjectId) => Result<void, string>;
  };
  readonly resources: never;
}
