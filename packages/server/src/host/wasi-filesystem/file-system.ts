/**
 * A worker's file tree, in memory. It is rebuilt by replay anyway, so a directory of the host would add nothing but ways
 * out of it and errors that differ between runs. Here there is no host path to reach, and a full quota strikes at the same
 * operation in every run.
 */
import type { Clock } from "../../platform/clock.ts";
import { toDatetime } from "../wasi-clocks/wall-clock.ts";
import { FileContent, Quota } from "./file-content.ts";
import { FileError } from "./file-error.ts";
import type { DirectoryNode, FileNode, LinkNode, Node } from "./nodes.ts";

/** Symbolic links followed in one resolution. */
const linksFollowedMax = 40;
const nameBytesMax = 255;
/** Of a path, and of what a symbolic link leads to. */
const pathBytesMax = 4096;
const hardLinksMax = 65_000;
/** What a name takes of the quota, so that files without content can't fill the server's memory. */
const entryBytes = 512;

/** Where a path leads: the directory that holds the last name, that name, and what it stands for now. */
export interface Location {
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
}

export class FileSystem {
  root: DirectoryNode;
  readonly #clock: Clock;
  readonly #quota: Quota;
  #made = 0;

  constructor(clock: Clock, bytesMax: number) {
    this.#clock = clock;
    this.#quota = new Quota(bytesMax);
    this.root = this.newDirectory();
    this.root.links = 1;
  }

  /** With what `shared` holds, which isn't copied before it is changed. */
  newFile(shared?: Uint8Array, readOnly = false): FileNode {
    const content = new FileContent(this.#quota, shared);
    return { kind: "regular-file", content, readOnly, ...this.#shared() };
  }

  newDirectory(): DirectoryNode {
    return { kind: "directory", entries: new Map(), parent: undefined, fixed: false, ...this.#shared() };
  }

  newLink(target: string): LinkNode {
    checkLength(target, pathBytesMax);
    return { kind: "symbolic-link", target, ...this.#shared() };
  }

  /**
   * Follows `path` from `base`. Neither `..` nor a link leads above `base`, and absolute paths are refused: both with
   * "not-permitted". The last name needn't exist; a link there is followed only if `follow`.
   */
  resolve(base: DirectoryNode, path: string, follow: boolean): Location {
    const pending = splitPath(path);
    const stack: DirectoryNode[] = [base];
    let followed = 0;
    for (;;) {
      const parent = stack.at(-1) ?? base;
      const name = pending.shift();
      if (name === undefined) return { parent, name: ".", node: parent };
      if (name === ".") continue;
      if (name === "..") {
        if (stack.length === 1) throw new FileError("not-permitted");
        stack.pop();
        continue;
      }
      checkLength(name, nameBytesMax);
      const node = parent.entries.get(name);
      const last = pending.length === 0;
      if (node?.kind === "symbolic-link" && (!last || follow)) {
        followed += 1;
        if (followed > linksFollowedMax) throw new FileError("loop");
        pending.unshift(...splitPath(node.target));
      } else if (last) return { parent, name, node };
      else if (node === undefined) throw new FileError("no-entry");
      else if (node.kind === "directory") stack.push(node);
      else throw new FileError("not-directory");
    }
  }

  /** Like `resolve`, for something that must exist. */
  find(base: DirectoryNode, path: string, follow: boolean): Node {
    const { node } = this.resolve(base, path, follow);
    if (node === undefined) throw new FileError("no-entry");
    return node;
  }

  /** Gives `node` a name in a directory. */
  attach(parent: DirectoryNode, name: string, node: Node): void {
    if (parent.links === 0) throw new FileError("no-entry");
    if (node.links >= hardLinksMax) throw new FileError("too-many-links");
    this.#quota.take(entryBytes);
    parent.entries.set(name, node);
    node.links += 1;
    if (node.kind === "directory") node.parent = parent;
    this.touch(parent);
  }

  /** Takes the name away. The bytes of a file stay while it is open, as everywhere. */
  detach(parent: DirectoryNode, name: string, node: Node): void {
    parent.entries.delete(name);
    this.#quota.give(entryBytes);
    node.links -= 1;
    if (node.kind === "directory") node.parent = undefined;
    this.touch(parent);
    freeUnused(node);
  }

  /** The caller uses the node until it calls `letGo`. */
  hold(node: Node): void {
    node.holders += 1;
  }

  letGo(node: Node): void {
    node.holders -= 1;
    freeUnused(node);
  }

  /** How many nodes were made, which is what the last one's number is, and what they take of the quota. */
  get counts(): { readonly made: number; readonly taken: number } {
    return { made: this.#made, taken: this.#quota.taken };
  }

  /** Puts a saved tree in place of the present one. */
  restore(root: DirectoryNode, { made, taken }: { readonly made: number; readonly taken: number }): void {
    this.root = root;
    this.#made = made;
    this.#quota.restore(taken);
  }

  /** What it holds was changed. */
  touch(node: Node): void {
    node.times.modified = toDatetime(this.#clock.now());
  }

  #shared(): Pick<Node, "number" | "times" | "links" | "holders"> {
    const now = toDatetime(this.#clock.now());
    this.#made += 1;
    return { number: this.#made, times: { accessed: now, modified: now }, links: 0, holders: 0 };
  }
}

function freeUnused(node: Node): void {
  if (node.kind === "regular-file" && node.links === 0 && node.holders === 0) node.content.free();
}

/** The names of a relative path; an ending slash says that a directory is meant and becomes ".". */
function splitPath(path: string): string[] {
  if (path === "") throw new FileError("no-entry");
  if (path.startsWith("/")) throw new FileError("not-permitted");
  if (path.includes("\0")) throw new FileError("invalid");
  checkLength(path, pathBytesMax);
  const names = path.split("/").filter((name) => name !== "");
  if (path.endsWith("/")) names.push(".");
  return names;
}

function checkLength(name: string, bytesMax: number): void {
  // UTF-8 takes at most three bytes for a unit of the string.
  if (name.length * 3 > bytesMax && Buffer.byteLength(name) > bytesMax) throw new FileError("name-too-long");
}

/** For operations that take a directory, with or without a slash at its end. Not by pattern: a guest chooses the path. */
export function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}

/** Whether `node` is `directory` or lies below it: a directory can't be moved into itself. */
export function contains(directory: Node, node: DirectoryNode): boolean {
  for (let at: DirectoryNode | undefined = node; at !== undefined; at = at.parent) if (at === directory) return true;
  return false;
}
