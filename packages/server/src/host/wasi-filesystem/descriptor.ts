/** An open file or directory, and the streams on a file. */
import { HostObject } from "../resource-table.ts";
import type { Restorer, SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { InputStream, OutputStream, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";
import { FileError } from "./file-error.ts";
import type { FileSystem } from "./file-system.ts";
import type { DirectoryNode, FileNode, Node } from "./nodes.ts";

export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

/** What an open descriptor gives access to. */
export interface Opened {
  readonly node: Node;
  readonly flags: DescriptorFlags;
  /** As the guest named it, for records. */
  readonly path: string;
}

const savedDescriptor = savedKind(
  "descriptor",
  ({ node, ...opened }: Omit<Opened, "node"> & { readonly node: number }, restorer) =>
    new Descriptor(restorer.files, { ...opened, node: restorer.node(node) }),
);

export class Descriptor extends HostObject implements Opened {
  readonly #files: FileSystem;
  readonly node: Node;
  readonly flags: DescriptorFlags;
  readonly path: string;

  constructor(files: FileSystem, { node, flags, path }: Opened) {
    super();
    this.#files = files;
    this.node = node;
    this.flags = flags;
    this.path = path;
    files.hold(node);
  }

  override close(): void {
    this.#files.letGo(this.node);
  }

  override save(saver: Saver): SavedObject {
    return savedDescriptor({ node: saver.node(this.node), flags: this.flags, path: this.path });
  }

  directory(): DirectoryNode {
    if (this.node.kind !== "directory") throw new FileError("not-directory");
    return this.node;
  }

  /** A directory whose entries may be changed. */
  mutableDirectory(): DirectoryNode {
    const directory = this.directory();
    if (!this.flags.mutateDirectory) throw new FileError("read-only");
    return directory;
  }

  readableFile(): FileNode {
    const file = this.#file();
    if (!this.flags.read) throw new FileError("bad-descriptor");
    return file;
  }

  writableFile(): FileNode {
    const file = this.#file();
    if (file.readOnly) throw new FileError("not-permitted");
    if (!this.flags.write) throw new FileError("bad-descriptor");
    return file;
  }

  #file(): FileNode {
    if (this.node.kind === "directory") throw new FileError("is-directory");
    if (this.node.kind !== "regular-file") throw new FileError("bad-descriptor");
    return this.node;
  }
}

interface SavedFileStream<Offset> {
  readonly file: number;
  readonly offset: Offset;
}

function savedFile(restorer: Restorer, number: number): FileNode {
  const node = restorer.node(number);
  if (node.kind !== "regular-file") throw new Error(`saved node ${number} is not a file`);
  return node;
}

const savedInputStream = savedKind(
  "file-input-stream",
  ({ file, offset }: SavedFileStream<number>, restorer) =>
    new FileInputStream(restorer.files, savedFile(restorer, file), offset),
);

export class FileInputStream extends InputStream {
  readonly #files: FileSystem;
  readonly #file: FileNode;
  #offset: number;

  constructor(files: FileSystem, file: FileNode, offset: number) {
    super();
    this.#files = files;
    this.#file = file;
    this.#offset = offset;
    files.hold(file);
  }

  override close(): void {
    this.#files.letGo(this.#file);
  }

  override save(saver: Saver): SavedObject {
    return savedInputStream({ file: saver.node(this.#file), offset: this.#offset });
  }

  override read(length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const bytes = this.#file.content.read(this.#offset, length);
    if (bytes.length === 0) throw new StreamClosed();
    this.#offset += bytes.length;
    return bytes;
  }
}

const savedOutputStream = savedKind(
  "file-output-stream",
  ({ file, offset }: SavedFileStream<number | undefined>, restorer) =>
    new FileOutputStream(restorer.files, savedFile(restorer, file), offset),
);

export class FileOutputStream extends OutputStream {
  readonly #files: FileSystem;
  readonly #file: FileNode;
  /** Undefined appends. */
  #offset: number | undefined;

  constructor(files: FileSystem, file: FileNode, offset: number | undefined) {
    super();
    this.#files = files;
    this.#file = file;
    this.#offset = offset;
    files.hold(file);
  }

  override close(): void {
    this.#files.letGo(this.#file);
  }

  override save(saver: Saver): SavedObject {
    return savedOutputStream({ file: saver.node(this.#file), offset: this.#offset });
  }

  override write(bytes: Uint8Array): void {
    const { content } = this.#file;
    try {
      content.write(this.#offset ?? content.size, bytes);
    } catch (error) {
      if (error instanceof FileError) throw new StreamFailure(error.message, error.code);
      throw error;
    }
    if (this.#offset !== undefined) this.#offset += bytes.length;
    this.#files.touch(this.#file);
  }
}
