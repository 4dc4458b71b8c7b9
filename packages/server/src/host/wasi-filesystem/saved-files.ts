/** A worker's file tree in memory snapshots: every node as it is, by its number. */
import type { ImageFile } from "../../component/component-image.ts";
import type { SavedContent } from "./file-content.ts";
import type { FileSystem } from "./file-system.ts";
import type { DirectoryNode, FileNode, Node, Times } from "./nodes.ts";

interface SavedNode {
  readonly number: number;
  readonly times: Times;
  readonly links: number;
  readonly is:
    | { readonly kind: "regular-file"; readonly content: SavedContent; readonly readOnly: boolean }
    | { readonly kind: "directory"; readonly entries: readonly (readonly [string, number])[]; readonly fixed: boolean }
    | { readonly kind: "symbolic-link"; readonly target: string };
}

export interface SavedFiles {
  readonly root: number;
  readonly made: number;
  readonly taken: number;
  readonly nodes: readonly SavedNode[];
}

type InitialFile = Pick<ImageFile, "path" | "content">;

/** The tree, with `held` nodes that may have no name any more. `initial` are the files that it began with. */
export function saveFiles(files: FileSystem, held: Iterable<Node>, initial: readonly InitialFile[]): SavedFiles {
  const sourceOf = (shared: Uint8Array): string => {
    // What is left of it begins where it began.
    const found = initial.find(
      ({ content }) => content.buffer === shared.buffer && content.byteOffset === shared.byteOffset,
    );
    if (found === undefined) throw new Error("a file shares its content with none that the component came with");
    return found.path;
  };
  const nodes = new Map<number, SavedNode>();
  const waiting: Node[] = [files.root, ...held];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (nodes.has(node.number)) continue;
    nodes.set(node.number, saveNode(node, sourceOf));
    if (node.kind === "directory") waiting.push(...node.entries.values());
  }
  return { root: files.root.number, ...files.counts, nodes: [...nodes.values()] };
}

function saveNode(node: Node, sourceOf: (shared: Uint8Array) => string): SavedNode {
  const { number, times, links } = node;
  switch (node.kind) {
    case "regular-file": {
      const { kind, readOnly, content } = node;
      return { number, times, links, is: { kind, readOnly, content: content.save(sourceOf) } };
    }
    case "directory": {
      const entries = [...node.entries].map(([name, entry]) => [name, entry.number] as const);
      return { number, times, links, is: { kind: "directory", entries, fixed: node.fixed } };
    }
    case "symbolic-link":
      return { number, times, links, is: { kind: "symbolic-link", target: node.target } };
  }
}

/** Makes the tree of a fresh instance what was saved. Returns all its nodes by number; nobody holds them yet. */
export function restoreFiles(
  files: FileSystem,
  saved: SavedFiles,
  initial: readonly InitialFile[],
): ReadonlyMap<number, Node> {
  const contentOf = (source: string): Uint8Array => {
    const found = initial.find(({ path }) => path === source);
    if (found === undefined) throw new Error(`the component has no file ${source}`);
    return found.content;
  };
  const nodes = new Map(saved.nodes.map((node) => [node.number, restoreNode(files, node, contentOf)]));
  for (const { number, is } of saved.nodes) {
    if (is.kind === "directory") fill(nodes, directoryAt(nodes, number), is.entries);
  }
  files.restore(directoryAt(nodes, saved.root), saved);
  return nodes;
}

function restoreNode(files: FileSystem, saved: SavedNode, contentOf: (source: string) => Uint8Array): Node {
  const { number, times, links, is } = saved;
  const shared = { number, times: { ...times }, links, holders: 0 };
  switch (is.kind) {
    case "regular-file": {
      const { content }: FileNode = files.newFile();
      content.restore(is.content, contentOf);
      return { kind: is.kind, content, readOnly: is.readOnly, ...shared };
    }
    case "directory":
      return { kind: is.kind, entries: new Map(), parent: undefined, fixed: is.fixed, ...shared };
    case "symbolic-link":
      return { kind: is.kind, target: is.target, ...shared };
  }
}

function directoryAt(nodes: ReadonlyMap<number, Node>, number: number): DirectoryNode {
  const node = nodes.get(number);
  if (node?.kind !== "directory") throw new Error(`saved node ${number} is not a directory`);
  return node;
}

function fill(
  nodes: ReadonlyMap<number, Node>,
  directory: DirectoryNode,
  entries: readonly (readonly [string, number])[],
): void {
  for (const [name, number] of entries) {
    const node = nodes.get(number);
    if (node === undefined) throw new Error(`saved node ${number} is missing`);
    directory.entries.set(name, node);
    if (node.kind === "directory") node.parent = directory;
  }
}
