/**
 * What a worker has made of its files, as bytes that go from one version of its component to another: everything that
 * isn't as the old version's initial files are. Files of the new version that the guest must not change stay as that has
 * them.
 */
import { decodeValue, encodeValue } from "../../durability/codec/value-codec.ts";
import { bytes, enumeration, list, record, string, variant } from "../../durability/codec/schema.ts";
import type { SchemaValue } from "../../durability/codec/schema.ts";
import { HostTrap } from "../../durability/errors.ts";
import { datetime } from "../wasi-clocks/wall-clock.ts";
import type { FileSystem } from "./file-system.ts";
import type { DirectoryNode, FileNode, Node } from "./nodes.ts";
import { isFixed } from "./nodes.ts";

/** Of what files hold, holes included: it is one record, which is in memory as a whole. */
const carriedBytesMax = 64 * 1024 * 1024;

const carriedNode = record({
  /** Names from the root on. */
  path: list(string),
  content: variant({
    directory: undefined,
    file: bytes,
    /** What a symbolic link leads to. */
    link: string,
    /** Another name of the file at that path, which comes before it. */
    sameAs: list(string),
    /** An initial file or directory that is gone. */
    removed: undefined,
  }),
  accessed: datetime,
  modified: datetime,
});

type CarriedNode = SchemaValue<typeof carriedNode>;
type Path = readonly string[];

const carried = record({ format: enumeration("v1"), nodes: list(carriedNode) });

/** The changes from `initial`, the tree of a fresh instance, to `files`. Throws `HostTrap` when they are too large. */
export function carryFiles(files: FileSystem, initial: FileSystem): Uint8Array {
  const collector = new Collector();
  collector.compare(files.root, initial.root, []);
  return encodeValue(carried.type, { format: "v1", nodes: collector.nodes });
}

class Collector {
  readonly nodes: CarriedNode[] = [];
  /** Where the files are that more than one name leads to. */
  readonly #paths = new Map<FileNode, Path>();
  #bytes = 0;

  compare(directory: DirectoryNode, initial: DirectoryNode | undefined, path: Path): void {
    for (const [name, node] of initial?.entries ?? []) {
      if (!directory.entries.has(name)) this.#add([...path, name], node, { tag: "removed", val: undefined });
    }
    for (const [name, node] of directory.entries) this.#node(node, initial?.entries.get(name), [...path, name]);
  }

  #node(node: Node, initial: Node | undefined, path: Path): void {
    switch (node.kind) {
      case "directory": {
        const before = initial?.kind === "directory" ? initial : undefined;
        if (before === undefined) this.#add(path, node, { tag: "directory", val: undefined });
        this.compare(node, before, path);
        return;
      }
      case "symbolic-link":
        this.#add(path, node, { tag: "link", val: node.target });
        return;
      case "regular-file":
        if (initial?.kind !== "regular-file" || !isSame(node, initial)) this.#file(node, path);
    }
  }

  #file(node: FileNode, path: Path): void {
    const known = this.#paths.get(node);
    if (known !== undefined) {
      this.#add(path, node, { tag: "sameAs", val: known });
      return;
    }
    this.#paths.set(node, path);
    this.#bytes += node.content.size;
    if (this.#bytes > carriedBytesMax) {
      throw new HostTrap(`the worker's files have more than ${carriedBytesMax} bytes, too much to be kept`);
    }
    this.#add(path, node, { tag: "file", val: node.content.read(0, node.content.size) });
  }

  #add(path: Path, { times }: Node, content: CarriedNode["content"]): void {
    this.nodes.push({ path, content, accessed: times.accessed, modified: times.modified });
  }
}

function isSame(file: FileNode, initial: FileNode): boolean {
  if (file.readOnly && initial.readOnly) return true;
  const { size } = file.content;
  if (size !== initial.content.size || file.links > 1) return false;
  return Buffer.compare(file.content.read(0, size), initial.content.read(0, size)) === 0;
}

/** Makes the tree of a fresh instance what the one was that `carryFiles` was called for. Throws `FileError` where the quota ends. */
export function placeCarriedFiles(files: FileSystem, from: Uint8Array): void {
  const { nodes } = decodeValue<SchemaValue<typeof carried>>(carried.type, from);
  const placed: (readonly [Node, CarriedNode])[] = [];
  for (const item of nodes) {
    const node = place(files, item);
    if (node !== undefined) placed.push([node, item]);
  }
  // Only now: what is placed in a directory changes its times.
  for (const [node, { accessed, modified }] of placed) Object.assign(node.times, { accessed, modified });
}

/** Undefined where the new version has something that must stay, and for what is gone. */
function place(files: FileSystem, { path, content }: CarriedNode): Node | undefined {
  const parent = find(files, path.slice(0, -1));
  const name = path.at(-1);
  if (parent?.kind !== "directory" || name === undefined) return undefined;
  const there = parent.entries.get(name);
  if (there !== undefined && isFixed(there)) return undefined;
  if (content.tag === "directory" && there?.kind === "directory") return there;
  if (there !== undefined) files.detach(parent, name, there);
  const node = made(files, content);
  if (node !== undefined) files.attach(parent, name, node);
  return node;
}

function made(files: FileSystem, content: CarriedNode["content"]): Node | undefined {
  switch (content.tag) {
    case "removed":
      return undefined;
    case "directory":
      return files.newDirectory();
    case "link":
      return files.newLink(content.val);
    case "sameAs":
      return find(files, content.val);
    case "file": {
      const file = files.newFile();
      file.content.write(0, content.val);
      return file;
    }
  }
}

/** Without following links. */
function find(files: FileSystem, path: Path): Node | undefined {
  return path.reduce<Node | undefined>(
    (node, name) => (node?.kind === "directory" ? node.entries.get(name) : undefined),
    files.root,
  );
}
