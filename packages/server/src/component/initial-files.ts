/** Initial files of component versions: kept once for all versions of a component, under the hash of what they hold. */
import { createHash } from "node:crypto";
import type { BlobStore, InitialFile } from "../worker/stores.ts";
import type { ImageFile } from "./component-image.ts";
import { malformed, readArchive } from "./file-archive.ts";

/** The files that come with an upload. */
export interface UploadedFiles {
  /** ZIP. */
  readonly archive: Uint8Array;
  /** By absolute path; files that aren't there become read-only. */
  readonly permissions: ReadonlyMap<string, InitialFile["permissions"]>;
}

export interface FilesStoreOptions {
  readonly blobs: BlobStore;
  readonly componentId: string;
  /** Of all files together. */
  readonly bytesMax: number;
  /** Files of the version before: what they hold is stored. */
  readonly stored: readonly InitialFile[];
}

function blobName(componentId: string, key: string): string {
  return `components/${componentId}/files/${key}`;
}

/** Stores what the files hold. Throws `UploadError`. */
export async function storeInitialFiles(
  { archive, permissions }: UploadedFiles,
  { blobs, componentId, bytesMax, stored }: FilesStoreOptions,
): Promise<readonly InitialFile[]> {
  const files = await readArchive(archive, bytesMax);
  const paths = new Set(files.map((file) => file.path));
  for (const path of permissions.keys()) {
    if (!path.startsWith("/")) throw malformed(`${JSON.stringify(path)} in filesPermissions is not absolute`);
    if (!paths.has(path)) throw malformed(`${path} has permissions and is not in the archive`);
  }
  const known = new Set(stored.map((file) => file.key));
  const result: InitialFile[] = [];
  for (const { path, content } of files) {
    const key = createHash("sha256").update(content).digest("hex");
    if (!known.has(key)) await blobs.put(blobName(componentId, key), content);
    known.add(key);
    result.push({ key, path, permissions: permissions.get(path) ?? "read-only" });
  }
  return result.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** Undefined when it isn't there. */
export function readInitialFile(blobs: BlobStore, componentId: string, key: string): Promise<Uint8Array | undefined> {
  return blobs.get(blobName(componentId, key));
}

/** The files of a version for an image. Files that hold the same share it. */
export async function imageFiles(
  blobs: BlobStore,
  componentId: string,
  files: readonly InitialFile[],
): Promise<readonly ImageFile[]> {
  const contents = new Map<string, Uint8Array>();
  for (const { key, path } of files) {
    if (contents.has(key)) continue;
    const bytes = await readInitialFile(blobs, componentId, key);
    if (bytes === undefined) throw new Error(`what ${path} of component ${componentId} holds is gone`);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    contents.set(key, shared);
  }
  return files.map(({ key, path, permissions }) => ({
    path,
    readOnly: permissions === "read-only",
    content: contents.get(key) ?? new Uint8Array(0),
  }));
}
