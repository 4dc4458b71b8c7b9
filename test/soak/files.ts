/** What a data directory holds, and what for. The server must not be running. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface HeldBytes {
  readonly what: string;
  readonly bytes: number;
}

/** The largest first: each folder as a whole, each table of a database with its indices apart. */
export async function heldBytes(dataDirectory: string): Promise<readonly HeldBytes[]> {
  const held: HeldBytes[] = [];
  for (const entry of await readdir(dataDirectory, { withFileTypes: true })) {
    const path = join(dataDirectory, entry.name);
    if (entry.isDirectory()) held.push({ what: `${entry.name}/`, bytes: await folderBytes(path) });
    else if (entry.name.endsWith(".db")) held.push(...tables(path, entry.name));
    else held.push({ what: entry.name, bytes: (await stat(path)).size });
  }
  return held.toSorted((one, other) => other.bytes - one.bytes);
}

async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

function tables(path: string, fileName: string): readonly HeldBytes[] {
  using database = new DatabaseSync(path, { readOnly: true });
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const rows = database.prepare("SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name").all();
  return [
    ...rows.map(({ name, bytes }) => ({ what: `${fileName}: ${String(name)}`, bytes: Number(bytes) })),
    { what: `${fileName}: free pages`, bytes: pragma("freelist_count") * pragma("page_size") },
  ];
}
