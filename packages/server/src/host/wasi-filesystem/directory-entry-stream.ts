import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import type { DirectoryNode, Node } from "./nodes.ts";

export interface DirectoryEntry {
  readonly type: Node["kind"];
  readonly name: string;
}

const savedStream = savedKind(
  "directory-entry-stream",
  ({ entries, next }: { readonly entries: readonly DirectoryEntry[]; readonly next: number }) =>
    new DirectoryEntryStream(entries, next),
);

/** The entries as they were when it was opened, ordered by name so that replay meets them in the same order. */
export class DirectoryEntryStream extends HostObject {
  readonly #entries: readonly DirectoryEntry[];
  #next: number;

  constructor(entries: readonly DirectoryEntry[], next = 0) {
    super();
    this.#entries = entries;
    this.#next = next;
  }

  static of(directory: DirectoryNode): DirectoryEntryStream {
    const entries = [...directory.entries]
      .map(([name, node]) => ({ type: node.kind, name }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return new DirectoryEntryStream(entries);
  }

  override save(): SavedObject {
    return savedStream({ entries: this.#entries, next: this.#next });
  }

  /** Undefined at the end. */
  next(): DirectoryEntry | undefined {
    return this.#entries[this.#next++];
  }
}
