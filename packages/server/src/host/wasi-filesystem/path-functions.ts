/** Methods of `descriptor` that work on paths below the open directory. */
import type { WasiFilesystemTypes } from "../generated/wasi-filesystem/types.ts";
import type { FunctionsOf, HostContext } from "../interface.ts";
import { sync } from "../interface.ts";
import { attempt } from "./attempt.ts";
import { Descriptor } from "./descriptor.ts";
import type { DescriptorFlags } from "./descriptor.ts";
import { FileError } from "./file-error.ts";
import { withoutEndingSlashes } from "./file-system.ts";
import { moveNode } from "./move-node.ts";
import { isFixed } from "./nodes.ts";
import type { Node } from "./nodes.ts";
import { joinPath, openAt } from "./open-at.ts";
import type { OpenFlags } from "./open-at.ts";
import { setTimes } from "./set-times.ts";
import type { NewTimestamp } from "./set-times.ts";
import { metadataHash, stat, statAtFunction } from "./stat.ts";
import type { DescriptorStat } from "./stat.ts";

interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** Methods that take a path. */
type PathFunction = Extract<keyof WasiFilesystemTypes["functions"], `[method]descriptor.${string}-at`>;

export function pathFunctions(context: HostContext): FunctionsOf<WasiFilesystemTypes, PathFunction> {
  return { ...lookFunctions(context), ...makeFunctions(context), ...removeFunctions(context) };
}

function lookFunctions(context: HostContext) {
  const { durable, resources, files } = context;
  const descriptor = (self: number): Descriptor => resources.get(self, Descriptor);
  const statAt = (self: number, flags: PathFlags, path: string): DescriptorStat => {
    const base = descriptor(self);
    const node = files.find(base.directory(), path, flags.symlinkFollow);
    return stat(durable, statAtFunction, node, joinPath(base.path, path));
  };
  return {
    "[method]descriptor.stat-at": sync((self: number, flags: PathFlags, path: string) =>
      attempt(() => statAt(self, flags, path)),
    ),
    "[method]descriptor.metadata-hash-at": sync((self: number, flags: PathFlags, path: string) =>
      attempt(() => {
        const node = files.find(descriptor(self).directory(), path, flags.symlinkFollow);
        return metadataHash(node, statAt(self, flags, path));
      }),
    ),
    "[method]descriptor.set-times-at": sync(
      (self: number, flags: PathFlags, path: string, ...times: readonly [NewTimestamp, NewTimestamp]) =>
        attempt(() => {
          const node = files.find(descriptor(self).mutableDirectory(), path, flags.symlinkFollow);
          setTimes(context, node, times[0], times[1]);
        }),
    ),
    "[method]descriptor.readlink-at": sync((self: number, path: string) =>
      attempt(() => {
        const node = files.find(descriptor(self).directory(), path, false);
        if (node.kind !== "symbolic-link") throw new FileError("invalid");
        return node.target;
      }),
    ),
  };
}

/** A new name must not stand for anything yet. */
function attachNew(context: HostContext, base: Descriptor, path: string, node: Node): void {
  const location = context.files.resolve(base.mutableDirectory(), path, false);
  if (location.node !== undefined) throw new FileError("exist");
  context.files.attach(location.parent, location.name, node);
}

function makeFunctions(context: HostContext) {
  const { resources, files } = context;
  const descriptor = (self: number): Descriptor => resources.get(self, Descriptor);
  return {
    "[method]descriptor.open-at": sync(
      (
        self: number,
        pathFlags: PathFlags,
        path: string,
        ...flags: readonly [open: OpenFlags, flags: DescriptorFlags]
      ) =>
        attempt(() => {
          const request = { path, follow: pathFlags.symlinkFollow, open: flags[0], flags: flags[1] };
          return resources.add(openAt(context, descriptor(self), request));
        }),
    ),
    "[method]descriptor.create-directory-at": sync((self: number, path: string) =>
      attempt(() => {
        attachNew(context, descriptor(self), withoutEndingSlashes(path) || path, files.newDirectory());
      }),
    ),
    "[method]descriptor.symlink-at": sync((self: number, target: string, path: string) =>
      attempt(() => {
        if (target.startsWith("/")) throw new FileError("not-permitted");
        attachNew(context, descriptor(self), path, files.newLink(target));
      }),
    ),
    "[method]descriptor.link-at": sync(
      (self: number, flags: PathFlags, path: string, ...to: readonly [newDirectory: number, newPath: string]) =>
        attempt(() => {
          if (flags.symlinkFollow) throw new FileError("invalid");
          const node = files.find(descriptor(self).mutableDirectory(), path, false);
          if (node.kind === "directory" || isFixed(node)) throw new FileError("not-permitted");
          attachNew(context, descriptor(to[0]), to[1], node);
        }),
    ),
  };
}

function removeFunctions(context: HostContext) {
  const { resources, files } = context;
  const descriptor = (self: number): Descriptor => resources.get(self, Descriptor);
  return {
    "[method]descriptor.unlink-file-at": sync((self: number, path: string) =>
      attempt(() => {
        const { parent, name, node } = files.resolve(descriptor(self).mutableDirectory(), path, false);
        if (node === undefined) throw new FileError("no-entry");
        if (node.kind === "directory") throw new FileError("is-directory");
        if (isFixed(node)) throw new FileError("not-permitted");
        files.detach(parent, name, node);
      }),
    ),
    "[method]descriptor.remove-directory-at": sync((self: number, path: string) =>
      attempt(() => {
        const trimmed = withoutEndingSlashes(path) || path;
        const { parent, name, node } = files.resolve(descriptor(self).mutableDirectory(), trimmed, false);
        if (node === undefined) throw new FileError("no-entry");
        if (node.kind !== "directory") throw new FileError("not-directory");
        if (name === ".") throw new FileError("invalid");
        if (node.entries.size > 0) throw new FileError("not-empty");
        files.detach(parent, name, node);
      }),
    ),
    "[method]descriptor.rename-at": sync((self: number, path: string, newDirectory: number, newPath: string) =>
      attempt(() => {
        const oldName = withoutEndingSlashes(path) || path;
        const from = files.resolve(descriptor(self).mutableDirectory(), oldName, false);
        if (oldName !== path && from.node !== undefined && from.node.kind !== "directory") {
          throw new FileError("not-directory");
        }
        const newName = withoutEndingSlashes(newPath) || newPath;
        const to = files.resolve(descriptor(newDirectory).mutableDirectory(), newName, false);
        if (newName !== newPath && from.node?.kind !== "directory") throw new FileError("not-directory");
        moveNode(files, from, to);
      }),
    ),
  };
}
