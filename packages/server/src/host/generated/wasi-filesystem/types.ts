/** Made of packages/sdk/wit/wasi-filesystem/types.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Descriptor = number;

export type DirectoryEntryStream = number;

export type Error = number;

export type InputStream = number;

export type OutputStream = number;

export type ErrorCode =
  | "access"
  | "would-block"
  | "already"
  | "bad-descriptor"
  | "busy"
  | "deadlock"
  | "quota"
  | "exist"
  | "file-too-large"
  | "illegal-byte-sequence"
  | "in-progress"
  | "interrupted"
  | "invalid"
  | "io"
  | "is-directory"
  | "loop"
  | "too-many-links"
  | "message-size"
  | "name-too-long"
  | "no-device"
  | "no-entry"
  | "no-lock"
  | "insufficient-memory"
  | "insufficient-space"
  | "not-directory"
  | "not-empty"
  | "not-recoverable"
  | "unsupported"
  | "no-tty"
  | "no-such-device"
  | "overflow"
  | "not-permitted"
  | "pipe"
  | "read-only"
  | "invalid-seek"
  | "text-file-busy"
  | "cross-device";

export type Advice = "normal" | "sequential" | "random" | "will-need" | "dont-need" | "no-reuse";

export type DescriptorFlags = {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
};

export type DescriptorType =
  | "unknown"
  | "block-device"
  | "character-device"
  | "directory"
  | "fifo"
  | "symbolic-link"
  | "regular-file"
  | "socket";

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type NewTimestamp =
  | { readonly tag: "no-change"; readonly val?: undefined }
  | { readonly tag: "now"; readonly val?: undefined }
  | { readonly tag: "timestamp"; readonly val: Datetime };

export type DescriptorStat = {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime | undefined;
  readonly dataModificationTimestamp: Datetime | undefined;
  readonly statusChangeTimestamp: Datetime | undefined;
};

export type PathFlags = { readonly symlinkFollow: boolean };

export type OpenFlags = {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
};

export type MetadataHashValue = { readonly lower: bigint; readonly upper: bigint };

export type DirectoryEntry = { readonly type: DescriptorType; readonly name: string };

/** wasi:filesystem/types@0.2.0 */
export interface WasiFilesystemTypes {
  readonly name: "wasi:filesystem/types@0.2.0";
  readonly functions: {
    readonly "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint) => Result<InputStream, ErrorCode>;
    readonly "[method]descriptor.write-via-stream": (
      self: Descriptor,
      offset: bigint,
    ) => Result<OutputStream, ErrorCode>;
    readonly "[method]descriptor.append-via-stream": (self: Descriptor) => Result<OutputStream, ErrorCode>;
    readonly "[method]descriptor.advise": (
      self: Descriptor,
      offset: bigint,
      length: bigint,
      advice: Advice,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.sync-data": (self: Descriptor) => Result<void, ErrorCode>;
    readonly "[method]descriptor.get-flags": (self: Descriptor) => Result<DescriptorFlags, ErrorCode>;
    readonly "[method]descriptor.get-type": (self: Descriptor) => Result<DescriptorType, ErrorCode>;
    readonly "[method]descriptor.set-size": (self: Descriptor, size: bigint) => Result<void, ErrorCode>;
    readonly "[method]descriptor.set-times": (
      self: Descriptor,
      dataAccessTimestamp: NewTimestamp,
      dataModificationTimestamp: NewTimestamp,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.read": (
      self: Descriptor,
      length: bigint,
      offset: bigint,
    ) => Result<readonly [Uint8Array, boolean], ErrorCode>;
    readonly "[method]descriptor.write": (
      self: Descriptor,
      buffer: Uint8Array,
      offset: bigint,
    ) => Result<bigint, ErrorCode>;
    readonly "[method]descriptor.read-directory": (self: Descriptor) => Result<DirectoryEntryStream, ErrorCode>;
    readonly "[method]descriptor.sync": (self: Descriptor) => Result<void, ErrorCode>;
    readonly "[method]descriptor.create-directory-at": (self: Descriptor, path: string) => Result<void, ErrorCode>;
    readonly "[method]descriptor.stat": (self: Descriptor) => Result<DescriptorStat, ErrorCode>;
    readonly "[method]descriptor.stat-at": (
      self: Descriptor,
      pathFlags: PathFlags,
      path: string,
    ) => Result<DescriptorStat, ErrorCode>;
    readonly "[method]descriptor.set-times-at": (
      self: Descriptor,
      pathFlags: PathFlags,
      path: string,
      dataAccessTimestamp: NewTimestamp,
      dataModificationTimestamp: NewTimestamp,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.link-at": (
      self: Descriptor,
      oldPathFlags: PathFlags,
      oldPath: string,
      newDescriptor: Descriptor,
      newPath: string,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.open-at": (
      self: Descriptor,
      pathFlags: PathFlags,
      path: string,
      openFlags: OpenFlags,
      flags: DescriptorFlags,
    ) => Result<Descriptor, ErrorCode>;
    readonly "[method]descriptor.readlink-at": (self: Descriptor, path: string) => Result<string, ErrorCode>;
    readonly "[method]descriptor.remove-directory-at": (self: Descriptor, path: string) => Result<void, ErrorCode>;
    readonly "[method]descriptor.rename-at": (
      self: Descriptor,
      oldPath: string,
      newDescriptor: Descriptor,
      newPath: string,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.symlink-at": (
      self: Descriptor,
      oldPath: string,
      newPath: string,
    ) => Result<void, ErrorCode>;
    readonly "[method]descriptor.unlink-file-at": (self: Descriptor, path: string) => Result<void, ErrorCode>;
    readonly "[method]descriptor.is-same-object": (self: Descriptor, other: Descriptor) => boolean;
    readonly "[method]descriptor.metadata-hash": (self: Descriptor) => Result<MetadataHashValue, ErrorCode>;
    readonly "[method]descriptor.metadata-hash-at": (
      self: Descriptor,
      pathFlags: PathFlags,
      path: string,
    ) => Result<MetadataHashValue, ErrorCode>;
    readonly "[method]directory-entry-stream.read-directory-entry": (
      self: DirectoryEntryStream,
    ) => Result<DirectoryEntry | undefined, ErrorCode>;
    readonly "filesystem-error-code": (err: Error) => ErrorCode | undefined;
  };
  readonly resources: "descriptor" | "directory-entry-stream";
}
