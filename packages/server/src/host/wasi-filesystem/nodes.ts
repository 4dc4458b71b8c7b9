/** What a worker's file tree is made of. */
import type { Datetime } from "../wasi-clocks/wall-clock.ts";
import type { FileContent } from "./file-content.ts";

export interface Times {
  accessed: Datetime;
  modified: Datetime;
}

interface Shared {
  /** No other of the same tree has it, now or later. The order in which they are made is that of the guest's calls. */
  readonly number: number;
  readonly times: Times;
  /** Names that lead here. */
  links: number;
  /** Open descriptors and streams: they keep a file that has no name any more. */
  holders: number;
}

export interface FileNode extends Shared {
  readonly kind: "regular-file";
  readonly content: FileContent;
  /** Neither what it holds nor its path may be changed. */
  readonly readOnly: boolean;
}

export interface DirectoryNode extends Shared {
  readonly kind: "directory";
  readonly entries: Map<string, Node>;
  /** Where it is an entry; undefined for the root, and for one that was removed. */
  parent: DirectoryNode | undefined;
  /** A read-only file lies below: it mustn't go elsewhere. */
  fixed: boolean;
}

export interface LinkNode extends Shared {
  readonly kind: "symbolic-link";
  readonly target: string;
}

export type Node = FileNode | DirectoryNode | LinkNode;

/** Whether the guest must leave it where it is and as it is. */
export function isFixed(node: Node): boolean {
  return (node.kind === "regular-file" && node.readOnly) || (node.kind === "directory" && node.fixed);
}
