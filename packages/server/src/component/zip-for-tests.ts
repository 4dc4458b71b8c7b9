/** Writes ZIP archives for tests, also such as nobody should write. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** POSIX file mode; none is kept by default. */
  readonly mode?: number;
  readonly stored?: boolean;
  /** What the archive claims, where it isn't the truth. */
  readonly size?: number;
  readonly checksum?: number;
  readonly method?: number;
  readonly flags?: number;
}

const utf8Names = 0x800;

function sizes(entry: ZipEntry, content: Uint8Array, data: Uint8Array): Buffer {
  const fields = Buffer.alloc(22);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(entry.flags ?? utf8Names, 2);
  fields.writeUInt16LE(entry.method ?? (entry.stored === true ? 0 : 8), 4);
  fields.writeUInt32LE(entry.checksum ?? crc32(content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(entry.size ?? content.length, 18);
  return fields;
}

export function zipArchive(entries: readonly ZipEntry[]): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content);
    const name = Buffer.from(entry.name);
    const data = entry.stored === true ? content : deflateRawSync(content);
    const common = sizes(entry, content, data);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(name.length, 0);
    const file = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, lengths, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    // Made by a system with POSIX modes.
    const header = Buffer.from("PK\u0001\u0002\u0014\u0003");
    directory.push(Buffer.concat([header, common, lengths, rest, name]));
    files.push(file);
    offset += file.length;
  }
  const bytes = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(bytes.length, 8);
  end.writeUInt32LE(offset, 12);
  return new Uint8Array(Buffer.concat([...files, bytes, Buffer.from("PK\u0005\u0006"), end]));
}
