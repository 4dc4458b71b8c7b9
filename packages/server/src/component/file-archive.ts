/**
 * Reads ZIP archives that anybody may have made. What isn't plainly a tree of files is refused as a whole: a link, a name
 * that leads elsewhere or stands for two things, more bytes than its directory admits to or than are allowed.
 */
import { crc32 } from "node:zlib";
import { fromBufferPromise, getFileNameLowLevel } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { UploadError } from "./upload-error.ts";

export interface ArchivedFile {
  /** Absolute. */
  readonly path: string;
  readonly content: Uint8Array;
}

const filesMax = 10_000;
const nameBytesMax = 255;
const pathBytesMax = 4096;

/** Bits of the mode that say what kind of file it is, in the upper half of the attributes; none where they aren't kept. */
const kindMask = 0o170000;
const kindsAllowed: ReadonlySet<number> = new Set([0, 0o100000, 0o040000]);

/** The files of an archive, by path. Throws `UploadError`; no more than `bytesMax` are unpacked. */
export async function readArchive(archive: Uint8Array, bytesMax: number): Promise<readonly ArchivedFile[]> {
  const buffer = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  try {
    const zip = await fromBufferPromise(buffer, { decodeStrings: false });
    const entries = await fileEntries(zip, bytesMax);
    const files: ArchivedFile[] = [];
    for (const [path, entry] of entries) files.push({ path, content: await unpack(zip, entry, path) });
    return files;
  } catch (error) {
    if (error instanceof UploadError) throw error;
    throw malformed(error instanceof Error ? error.message : String(error), error);
  }
}

export function malformed(reason: string, cause?: unknown): UploadError {
  return new UploadError("invalid", `Malformed component archive: ${reason}`, { cause });
}

/** Looks at all of them before anything is unpacked. */
async function fileEntries(zip: ZipFile, bytesMax: number): Promise<ReadonlyMap<string, Entry>> {
  const files = new Map<string, Entry>();
  const directories = new Set<string>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    const path = checkedPath(name);
    checkEntry(entry, path);
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) directories.add(path.slice(0, at));
    if (name.endsWith("/")) {
      directories.add(path);
      continue;
    }
    if (files.has(path)) throw malformed(`${path} is there twice`);
    files.set(path, entry);
    bytes += entry.uncompressedSize;
    if (files.size > filesMax) throw malformed(`it has more than ${filesMax} files`);
    if (bytes > bytesMax) throw malformed(`its files have more than ${bytesMax} bytes`);
  }
  for (const path of files.keys()) {
    if (directories.has(path)) throw malformed(`${path} is both a file and a directory`);
  }
  return files;
}

/** Golem's tools write absolute names, most others relative ones. */
function checkedPath(name: string): string {
  const start = name.startsWith("/") ? 1 : 0;
  const end = name.endsWith("/") ? name.length - 1 : name.length;
  const path = `/${name.slice(start, Math.max(start, end))}`;
  const names = path.split("/").slice(1);
  const bad = names.some(
    (part) => part === "" || part === "." || part === ".." || Buffer.byteLength(part) > nameBytesMax,
  );
  if (bad || !path.isWellFormed() || path.includes("\0") || Buffer.byteLength(path) > pathBytesMax) {
    throw malformed(`${JSON.stringify(name)} is not the path of a file`);
  }
  return path;
}

function checkEntry(entry: Entry, path: string): void {
  const kind = (entry.externalFileAttributes >>> 16) & kindMask;
  if (!kindsAllowed.has(kind)) throw malformed(`${path} is neither a file nor a directory`);
  if (!entry.canDecodeFileData()) throw malformed(`${path} is encrypted or compressed in an unknown way`);
}

async function unpack(zip: ZipFile, entry: Entry, path: string): Promise<Uint8Array> {
  const content = new Uint8Array(entry.uncompressedSize);
  let length = 0;
  // yauzl ends the stream with an error where the size isn't the one that was told.
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
    content.set(chunk, length);
    length += chunk.length;
  }
  if (length !== content.length || crc32(content) !== entry.crc32) throw malformed(`${path} is damaged`);
  return content;
}
