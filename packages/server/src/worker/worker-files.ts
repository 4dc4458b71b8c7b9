/** A worker's files: what they begin as, and what clients see of them (spec/service.md §3.3). */
import type { ComponentImage } from "../component/component-image.ts";
import { toDatetime } from "../host/wasi-clocks/wall-clock.ts";
import { placeCarriedFiles } from "../host/wasi-filesystem/carried-files.ts";
import { FileError } from "../host/wasi-filesystem/file-error.ts";
import { FileSystem } from "../host/wasi-filesystem/file-system.ts";
import { placeInitialFile } from "../host/wasi-filesystem/initial-files.ts";
import type { Node } from "../host/wasi-filesystem/nodes.ts";
import type { WorkerServices } from "./services.ts";
import { badRequest, WorkerError } from "./worker-error.ts";

/** An entry of a directory, or a file. */
export interface ListedFile {
  readonly name: string;
  readonly lastModified: bigint;
  /** Undefined for a directory. */
  readonly file: { readonly size: number; readonly readOnly: boolean } | undefined;
}

export type FileQuestion = "list" | "read";
export type FileAnswer = readonly ListedFile[] | Uint8Array;

/** A fresh instance's, with what an update has carried over. */
export function initialFileSystem(
  { files: initial, createdAtMs }: ComponentImage,
  { clock, limits }: Pick<WorkerServices, "clock" | "limits">,
  carried?: Uint8Array,
): FileSystem {
  const files = new FileSystem(clock, limits.fileBytesMax);
  for (const file of initial) placeInitialFile(files, file, toDatetime(createdAtMs));
  if (carried !== undefined) placeCarriedFiles(files, carried);
  return files;
}

/** Throws `WorkerError`. */
export function answerFileQuestion(files: FileSystem, question: FileQuestion, path: string): FileAnswer {
  const node = find(files, path);
  if (question === "read") {
    if (node.kind !== "regular-file") throw badRequest(`${path} is not a file`);
    return node.content.read(0, node.content.size);
  }
  if (node.kind !== "directory") throw badRequest(`${path} is not a directory`);
  const names = [...node.entries.keys()].toSorted((left, right) => (left < right ? -1 : 1));
  return names.flatMap((name) => listed(name, targetOf(files, path, name)));
}

function find(files: FileSystem, path: string): Node {
  const relative = path.replace(/^\/+/u, "");
  try {
    return files.find(files.root, relative === "" ? "." : relative, true);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.code === "not-permitted" || error.code === "invalid") throw badRequest(`${path} is no path of a file`);
    throw new WorkerError({ kind: "not-found", message: `File not found: ${path}` });
  }
}

/** Clients are shown what a link leads to; undefined when that is nothing. */
function targetOf(files: FileSystem, directory: string, name: string): Node | undefined {
  try {
    return find(files, `${directory}/${name}`);
  } catch (error) {
    if (error instanceof WorkerError) return undefined;
    throw error;
  }
}

function listed(name: string, node: Node | undefined): readonly ListedFile[] {
  if (node === undefined || node.kind === "symbolic-link") return [];
  const lastModified = node.times.modified.seconds;
  if (node.kind === "directory") return [{ name, lastModified, file: undefined }];
  return [{ name, lastModified, file: { size: node.content.size, readOnly: node.readOnly } }];
}
