/** Builds a guest written in TypeScript into a component; run as a program, it builds the shopping cart. */
import { readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";

export interface Guest {
  /** TypeScript file; it may import nothing but what the WIT world imports. */
  readonly source: string;
  /** WIT file with one world. */
  readonly wit: string;
  readonly output: string;
}

export async function buildGuest({ source, wit, output }: Guest): Promise<void> {
  const script = stripTypeScriptTypes(await readFile(source, "utf8"));
  const witWorld = await readFile(wit, "utf8");
  const { component } = await componentize(script, { witWorld, disableFeatures: ["http", "fetch-event"] });
  await writeFile(output, component);
}

if (import.meta.main) {
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const [output = "shopping-cart.wasm"] = process.argv.slice(2);
  await buildGuest({ source: file("cart.ts"), wit: file("wit/cart.wit"), output });
}
