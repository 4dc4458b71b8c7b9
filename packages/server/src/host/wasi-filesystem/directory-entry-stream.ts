import { HostObject } from "../resource-table.ts";
import type { DirectoryNode, Node } from "./nodes.ts";

export interface DirectoryEntry {
  readonly type: Node["kind"];
  readonly name: string;
}

/** The entries as they were when it was opened, ordered by name so that replay meets them in the same order. */
export class DirectoryEntryStream extends HostObject {
  readonly #entries: readonly DirectoryEntry[];
  #next = 0;

  constructor(directory: DirectoryNode) {
    super();
    this.#entries = [...directory.entries]
      .map(([name, node]) => ({ type: node.kind, name }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Undefined at the end. */
  next(): DirectoryEntry | undefined {
    return this.#entries[this.#next++];
  }
}
