/** Methods of `descriptor` that work on the open file or directory itself. */
import type { WasiFilesystemTypes } from "../generated/wasi-filesystem/types.ts";
import type { FunctionsOf, HostContext } from "../interface.ts";
import { sync } from "../interface.ts";
import { readBytesMax } from "../wasi-io/streams.ts";
import { attempt } from "./attempt.ts";
import { Descriptor, FileInputStream, FileOutputStream } from "./descriptor.ts";
import { DirectoryEntryStream } from "./directory-entry-stream.ts";
import { FileError } from "./file-error.ts";
import { setTimes } from "./set-times.ts";
import type { NewTimestamp } from "./set-times.ts";
import { metadataHash, stat, statFunction } from "./stat.ts";

/** Offsets and sizes above this can't be meant. */
export function toOffset(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FileError("invalid");
  return Number(value);
}

type DescriptorFunction = Extract<keyof WasiFilesystemTypes["functions"], `[method]descriptor.${string}`>;
/** Methods without a path. */
type FileFunction = Exclude<DescriptorFunction, `${string}-at`>;

function hashOf(durable: HostContext["durable"], { node, path }: Descriptor): ReturnType<typeof metadataHash> {
  return metadataHash(node, stat(durable, statFunction, node, path));
}

export function fileFunctions(context: HostContext): FunctionsOf<WasiFilesystemTypes, FileFunction> {
  const { durable, resources, files } = context;
  const descriptor = (self: number): Descriptor => resources.get(self, Descriptor);
  return {
    "[method]descriptor.read-via-stream": sync((self: number, offset: bigint) =>
      attempt(() => resources.add(new FileInputStream(files, descriptor(self).readableFile(), toOffset(offset)))),
    ),
    "[method]descriptor.write-via-stream": sync((self: number, offset: bigint) =>
      attempt(() => resources.add(new FileOutputStream(files, descriptor(self).writableFile(), toOffset(offset)))),
    ),
    "[method]descriptor.append-via-stream": sync((self: number) =>
      attempt(() => resources.add(new FileOutputStream(files, descriptor(self).writableFile(), undefined))),
    ),
    "[method]descriptor.advise": sync((self: number, _offset: bigint, _length: bigint, _advice: string) =>
      attempt(() => {
        if (descriptor(self).node.kind === "directory") throw new FileError("bad-descriptor");
      }),
    ),
    "[method]descriptor.sync-data": sync((self: number) => attempt(() => void descriptor(self))),
    "[method]descriptor.sync": sync((self: number) => attempt(() => void descriptor(self))),
    "[method]descriptor.get-flags": sync((self: number) =>
      attempt(() => {
        const { flags, node } = descriptor(self);
        return node.kind === "regular-file" && node.readOnly ? { ...flags, write: false } : flags;
      }),
    ),
    "[method]descriptor.get-type": sync((self: number) => attempt(() => descriptor(self).node.kind)),
    "[method]descriptor.set-size": sync((self: number, size: bigint) =>
      attempt(() => {
        const file = descriptor(self).writableFile();
        file.content.resize(toOffset(size));
        files.touch(file);
      }),
    ),
    "[method]descriptor.set-times": sync((self: number, accessed: NewTimestamp, modified: NewTimestamp) =>
      attempt(() => setTimes(context, descriptor(self).node, accessed, modified)),
    ),
    "[method]descriptor.read": sync((self: number, length: bigint, offset: bigint) =>
      attempt(() => {
        const { content } = descriptor(self).readableFile();
        const most = length > BigInt(readBytesMax) ? readBytesMax : Number(length);
        const start = toOffset(offset);
        const bytes = content.read(start, most);
        return [bytes, start + bytes.length >= content.size] as const;
      }),
    ),
    "[method]descriptor.write": sync((self: number, bytes: Uint8Array, offset: bigint) =>
      attempt(() => {
        const file = descriptor(self).writableFile();
        file.content.write(toOffset(offset), bytes);
        files.touch(file);
        return BigInt(bytes.length);
      }),
    ),
    "[method]descriptor.read-directory": sync((self: number) =>
      attempt(() => resources.add(DirectoryEntryStream.of(descriptor(self).directory()))),
    ),
    "[method]descriptor.stat": sync((self: number) =>
      attempt(() => stat(durable, statFunction, descriptor(self).node, descriptor(self).path)),
    ),
    "[method]descriptor.is-same-object": sync(
      (self: number, other: number) => descriptor(self).node === descriptor(other).node,
    ),
    "[method]descriptor.metadata-hash": sync((self: number) => attempt(() => hashOf(durable, descriptor(self)))),
  };
}
