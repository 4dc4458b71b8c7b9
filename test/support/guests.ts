/** Builds the guests under `test/guests`. */
import { readFile } from "node:fs/promises";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";

const guests = new URL("../guests/", import.meta.url);

/** A component written in WebAssembly's text format, by name; `edit` makes other versions of it. */
export async function textGuest(
  name: string,
  edit: (source: string) => string = (source) => source,
): Promise<Uint8Array> {
  return await parse(edit(await readFile(new URL(`${name}.wat`, guests), "utf8")));
}

/** A component made of a core module (`guest.wat`) and the world that it implements (`guest.wit`). */
export async function moduleGuest(name: string): Promise<Uint8Array> {
  const text = await readFile(new URL(`${name}/guest.wat`, guests), "utf8");
  const witSource = await readFile(new URL(`${name}/guest.wit`, guests), "utf8");
  const binary = await componentEmbed({ binary: await parse(text), witSource });
  return await componentNew(binary);
}
