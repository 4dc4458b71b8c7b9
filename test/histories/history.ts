/** Recorded oplogs as files: the component and the chunks as the store held them. */
import { readFile, writeFile } from "node:fs/promises";
import type { OplogChunk } from "../../packages/server/src/durability/oplog-store.ts";

interface HistoryFile {
  /** Base64, as are the records: what replays it must be what recorded it. */
  readonly component: string;
  readonly chunks: readonly { readonly firstIndex: number; readonly count: number; readonly records: string }[];
}

export interface History {
  readonly component: Uint8Array;
  readonly chunks: readonly OplogChunk[];
}

function fileOf(name: string): URL {
  return new URL(`${name}.json`, import.meta.url);
}

export async function readHistory(name: string): Promise<History> {
  const file = JSON.parse(await readFile(fileOf(name), "utf8")) as HistoryFile;
  return {
    component: Uint8Array.fromBase64(file.component),
    chunks: file.chunks.map((chunk) => ({ ...chunk, records: Uint8Array.fromBase64(chunk.records) })),
  };
}

export async function writeHistory(name: string, { component, chunks }: History): Promise<void> {
  const file: HistoryFile = {
    component: component.toBase64(),
    chunks: chunks.map((chunk) => ({ ...chunk, records: chunk.records.toBase64() })),
  };
  await writeFile(fileOf(name), `${JSON.stringify(file, undefined, 2)}\n`);
}
