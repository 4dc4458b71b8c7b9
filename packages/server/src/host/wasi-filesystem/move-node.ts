import { FileError } from "./file-error.ts";
import { contains } from "./file-system.ts";
import type { FileSystem, Location } from "./file-system.ts";
import { isFixed } from "./nodes.ts";

/** Renames as POSIX does: what stands at the new name is replaced, a directory only by a directory and only when empty. */
export function moveNode(files: FileSystem, from: Location, to: Location): void {
  const { node } = from;
  if (node === undefined) throw new FileError("no-entry");
  if (from.name === "." || to.name === ".") throw new FileError("busy");
  if (node === to.node) return;
  if (to.parent.links === 0) throw new FileError("no-entry");
  if (contains(node, to.parent)) throw new FileError("invalid");
  if (isFixed(node)) throw new FileError("not-permitted");
  const replaced = to.node;
  if (replaced !== undefined) {
    if (replaced.kind === "directory" && node.kind !== "directory") throw new FileError("is-directory");
    if (replaced.kind !== "directory" && node.kind === "directory") throw new FileError("not-directory");
    if (replaced.kind === "directory" && replaced.entries.size > 0) throw new FileError("not-empty");
    if (isFixed(replaced)) throw new FileError("not-permitted");
    files.detach(to.parent, to.name, replaced);
  }
  // Between its two names it has none, and must keep its bytes.
  files.hold(node);
  files.detach(from.parent, from.name, node);
  files.attach(to.parent, to.name, node);
  files.letGo(node);
}
