/** Made of packages/sdk/wit/wasi-blobstore/container.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Container = number;

export type IncomingValue = number;

export type OutgoingValue = number;

export type StreamObjectNames = number;

export type ContainerMetadata = { readonly name: string; readonly createdAt: bigint };

export type ObjectMetadata = {
  readonly name: string;
  readonly container: string;
  readonly createdAt: bigint;
  readonly size: bigint;
};

/** wasi:blobstore/container */
export interface WasiBlobstoreContainer {
  readonly name: "wasi:blobstore/container";
  readonly functions: {
    readonly "[method]container.name": (self: Container) => Result<string, string>;
    readonly "[method]container.info": (self: Container) => Result<ContainerMetadata, string>;
    readonly "[method]container.get-data": (
      self: Container,
      name: string,
      start: bigint,
      end: bigint,
    ) => Result<IncomingValue, string>;
    readonly "[method]container.write-data": (
      self: Container,
      name: string,
      data: OutgoingValue,
    ) => Result<void, string>;
    readonly "[method]container.list-objects": (self: Container) => Result<StreamObjectNames, string>;
    readonly "[method]container.delete-object": (self: Container, name: string) => Result<void, string>;
    readonly "[method]container.delete-objects": (self: Container, names: readonly string[]) => Result<void, string>;
    readonly "[method]container.has-object": (self: Container, name: string) => Result<boolean, string>;
    readonly "[method]container.object-info": (self: Container, name: string) => Result<ObjectMetadata, string>;
    readonly "[method]container.clear": (self: Container) => Result<void, string>;
    readonly "[method]stream-object-names.read-stream-object-names": (
      self: StreamObjectNames,
      len: bigint,
    ) => Result<readonly [readonly string[], boolean], string>;
    readonly "[method]stream-object-names.skip-stream-object-names": (
      self: StreamObjectNames,
      num: bigint,
    ) => Result<readonly [bigint, boolean], string>;
  };
  readonly resources: "container" | "stream-object-names";
}
