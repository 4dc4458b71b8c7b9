/** The files that a worker begins with. */
import type { Datetime } from "../wasi-clocks/wall-clock.ts";
import type { FileSystem } from "./file-system.ts";
import type { DirectoryNode } from "./nodes.ts";

export interface InitialFileContent {
  /** Absolute; no part of it is `.` or `..`, and none is a file. */
  readonly path: string;
  readonly readOnly: boolean;
  /** Never written to: others have it as well. */
  readonly content: Uint8Array;
}

export function placeInitialFile(files: FileSystem, file: InitialFileContent, time: Datetime): void {
  const names = file.path.slice(1).split("/");
  const name = names.pop() ?? "";
  let directory = files.root;
  for (const part of names) {
    directory = directoryIn(files, directory, part);
    directory.fixed ||= file.readOnly;
  }
  const node = files.newFile(file.content, file.readOnly);
  files.attach(directory, name, node);
  node.times.accessed = time;
  node.times.modified = time;
}

function directoryIn(files: FileSystem, parent: DirectoryNode, name: string): DirectoryNode {
  const known = parent.entries.get(name);
  if (known?.kind === "directory") return known;
  const made = files.newDirectory();
  files.attach(parent, name, made);
  return made;
}
