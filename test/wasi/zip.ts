/** A ZIP archive of a directory, without compression. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { crc32 } from "node:zlib";

interface Member {
  readonly name: Buffer;
  readonly content: Buffer;
}

/** The fields that the local header and the one of the central directory have in common. */
function commonHeader({ name, content }: Member): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  // The name is UTF-8.
  header.writeUInt16LE(0x0800, 2);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(content.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function archive(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), commonHeader(member), member.name, member.content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), commonHeader(member), rest, member.name);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export interface ZippedDirectory {
  readonly zip: Buffer;
  /** Absolute paths of its files. */
  readonly paths: readonly string[];
}

export async function zipDirectory(directory: string): Promise<ZippedDirectory> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const members: Member[] = [];
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path);
    if (entry.isDirectory()) members.push({ name: Buffer.from(`${name}/`), content: Buffer.alloc(0) });
    if (!entry.isFile()) continue;
    members.push({ name: Buffer.from(name), content: await readFile(path) });
    paths.push(`/${name}`);
  }
  return { zip: archive(members), paths };
}
