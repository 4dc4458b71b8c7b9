import type { HostContext } from "../interface.ts";
import { Descriptor } from "./descriptor.ts";
import type { DescriptorFlags } from "./descriptor.ts";
import { FileError } from "./file-error.ts";
import type { Location } from "./file-system.ts";
import type { Node } from "./nodes.ts";

export interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

export interface OpenAt {
  readonly path: string;
  readonly follow: boolean;
  readonly open: OpenFlags;
  readonly flags: DescriptorFlags;
}

/** wasi:filesystem's open-at: finds or makes the file and opens it. */
export function openAt(context: HostContext, base: Descriptor, request: OpenAt): Descriptor {
  const { path, follow, open, flags } = request;
  const { files } = context;
  if (flags.write || open.truncate || open.create) base.mutableDirectory();
  const location = files.resolve(base.directory(), path, follow && !open.exclusive);
  const node = existingNode(location, request) ?? create(context, location, request);
  if (node.kind === "symbolic-link") throw new FileError("loop");
  if (open.directory && node.kind !== "directory") throw new FileError("not-directory");
  if (node.kind === "directory" && (flags.write || open.truncate)) throw new FileError("is-directory");
  if (node.kind === "regular-file" && node.readOnly && (flags.write || open.truncate)) {
    throw new FileError("not-permitted");
  }
  if (node.kind === "regular-file" && open.truncate) {
    node.content.resize(0);
    files.touch(node);
  }
  // As in Wasmtime: what may be changed below a directory follows from the one it was opened from. C libraries never ask
  // for the flag, and go on to create and remove entries.
  const mutateDirectory = node.kind === "directory" && base.flags.mutateDirectory;
  return new Descriptor(files, { node, flags: { ...flags, mutateDirectory }, path: joinPath(base.path, path) });
}

function existingNode({ node }: Location, { open }: OpenAt): Node | undefined {
  if (node === undefined) {
    if (!open.create) throw new FileError("no-entry");
    return undefined;
  }
  if (open.create && open.exclusive) throw new FileError("exist");
  return node;
}

function create({ files }: HostContext, location: Location, { open }: OpenAt): Node {
  if (open.directory) throw new FileError("invalid");
  const file = files.newFile();
  files.attach(location.parent, location.name, file);
  return file;
}

/** For records only. */
export function joinPath(base: string, path: string): string {
  return base.endsWith("/") ? `${base}${path}` : `${base}/${path}`;
}
