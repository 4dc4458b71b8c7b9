/** Builds the guests under `test/guests`. */
import { readFile } from "node:fs/promises";
import { parse } from "@bytecodealliance/jco";

/** A component written in WebAssembly's text format, by name. */
export async function textGuest(name: string): Promise<Uint8Array> {
  const text = await readFile(new URL(`../guests/${name}.wat`, import.meta.url), "utf8");
  return await parse(text);
}
