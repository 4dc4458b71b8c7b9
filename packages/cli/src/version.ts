import { readFileSync } from "node:fs";

/** Of the package; from sources and from `dist` it lies in the same place. */
export function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
