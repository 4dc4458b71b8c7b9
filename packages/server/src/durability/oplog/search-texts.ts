/** What of an entry queries look at: the names of its kind, and every string and number in its values. */
import type { SearchText } from "./query.ts";
import type { ShownEntry } from "./shown-entry.ts";

/** Names of values that say nothing themselves. */
const passedOver = new Set(["kind", "index", "timestampMs", "type"]);

/** Bounds what one entry costs: byte strings and the like hold nothing to be searched. */
const textsMax = 100_000;

function collect(value: unknown, path: readonly string[], into: SearchText[]): void {
  if (into.length >= textsMax || value === undefined || value === null || ArrayBuffer.isView(value)) return;
  if (typeof value === "object") {
    const entries = Array.isArray(value) ? value.map((item: unknown) => ["", item] as const) : Object.entries(value);
    for (const [name, item] of entries) collect(item, name === "" ? path : [...path, name], into);
    return;
  }
  if (typeof value === "string") into.push({ path, text: value });
  else if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    into.push({ path, text: value.toString() });
  }
}

/** Paths begin at the parts of a value: parameters, requests and responses are entered without being named, too. */
export function searchTexts(entry: ShownEntry): readonly SearchText[] {
  const texts: SearchText[] = [
    { path: [], text: entry.kind },
    { path: [], text: entry.kind.replaceAll("-", "") },
  ];
  for (const [name, part] of Object.entries(entry)) {
    if (passedOver.has(name)) continue;
    for (const { at, value } of partsOf(part)) {
      collect(value, at, texts);
      collect(value, [name, ...at], texts);
    }
  }
  return texts;
}

/** Typed values count as their values, named ones under their names. */
function partsOf(part: unknown): readonly { readonly at: readonly string[]; readonly value: unknown }[] {
  if (Array.isArray(part)) return part.flatMap((item: unknown) => partsOf(item));
  if (typeof part !== "object" || part === null) return [{ at: [], value: part }];
  if (!("value" in part && "type" in part)) return [{ at: [], value: part }];
  const name = "name" in part && typeof part.name === "string" ? [part.name] : [];
  return [{ at: name, value: part.value }];
}
