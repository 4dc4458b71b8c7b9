/** What of an entry queries look at: the names of its kind, and every string, number and name in its values. */
import { camelCase } from "@emet/component";
import type { Value, ValueType } from "@emet/component";
import { publicKinds } from "./public-kinds.ts";
import type { SearchText } from "./query.ts";
import type { NamedValue, ShownEntry, TypedValue } from "./shown-entry.ts";

/** What says nothing itself. */
const passedOver = new Set(["kind", "index", "timestampMs"]);

/** Bounds what one entry costs. */
const textsMax = 100_000;

/** Where a text is found: `omitted` names at the beginning of the path may be left out in a query. */
interface Place {
  readonly path: readonly string[];
  readonly omitted: number;
}

type Members = { readonly [name: string]: Value };
type Tagged = { readonly tag: string; readonly val?: Value };

class Collector {
  readonly texts: SearchText[] = [];

  /** Paths begin at the parts of a value: requests and responses are entered without being named, too. */
  entry(entry: ShownEntry): void {
    const { plain, spelled } = publicKinds[entry.kind];
    for (const text of new Set([entry.kind, entry.kind.replaceAll("-", ""), plain, spelled])) {
      this.texts.push({ path: [], omitted: 0, text });
    }
    for (const [name, part] of Object.entries(entry)) {
      if (passedOver.has(name)) continue;
      // The fields of an entry have their own names only.
      if (name === "fields" || name === "invocation") this.#untyped(part, { path: [], omitted: 0 });
      else this.#untyped(part, { path: [name], omitted: 1 });
    }
  }

  #untyped(value: unknown, place: Place): void {
    if (this.texts.length >= textsMax || value === undefined || value === null || ArrayBuffer.isView(value)) return;
    if (typeof value !== "object") this.#add(value, place);
    else if (isTyped(value)) this.#part(value, place);
    else if (Array.isArray(value)) for (const item of value) this.#untyped(item, place);
    else for (const [name, item] of Object.entries(value)) this.#untyped(item, inside(place, name));
  }

  /** A request, one of its parameters, or a response. */
  #part(part: TypedValue & Partial<NamedValue>, { path }: Place): void {
    const named = part.name === undefined ? path : [...path, part.name];
    const { type } = part;
    if (type.kind !== "tuple") {
      this.#typed(type, part.value, { path: named, omitted: named.length });
      return;
    }
    // The results of a function are a tuple of at most one.
    for (const [index, item] of type.items.entries()) {
      const at = [...named, String(index)];
      this.#typed(item, (part.value as readonly Value[])[index], { path: at, omitted: at.length });
      if (type.items.length === 1) this.#typed(item, (part.value as readonly Value[])[0], { path: named, omitted: 0 });
    }
  }

  #typed(type: ValueType, value: Value, place: Place): void {
    if (this.texts.length >= textsMax) return;
    switch (type.kind) {
      case "list":
        // Bytes hold nothing to be searched.
        if (!ArrayBuffer.isView(value))
          for (const item of value as readonly Value[]) this.#typed(type.element, item, place);
        return;
      case "record":
        for (const field of type.fields) {
          this.#typed(field.type, (value as Members)[camelCase(field.name)], inside(place, field.name));
        }
        return;
      case "tuple":
        for (const [index, item] of type.items.entries()) {
          this.#typed(item, (value as readonly Value[])[index], inside(place, String(index)));
        }
        return;
      case "variant":
      case "result": {
        const { tag, val } = value as Tagged;
        const payload =
          type.kind === "variant" ? type.cases.find(({ name }) => name === tag)?.type : type[tag as "ok" | "err"];
        this.#add(tag, place);
        if (payload !== undefined) this.#typed(payload, val, inside(place, tag));
        return;
      }
      case "flags":
        for (const name of type.names) if ((value as Members)[camelCase(name)] === true) this.#add(name, place);
        return;
      case "option":
        this.#option(type.some, value, place);
        return;
      default:
        this.#add(value, place);
    }
  }

  #option(some: ValueType, value: Value, place: Place): void {
    if (value === undefined) return;
    if (some.kind !== "option") return this.#typed(some, value, place);
    const { tag, val } = value as Tagged;
    if (tag === "some") this.#typed(some, val, place);
  }

  #add(value: unknown, { path, omitted }: Place): void {
    if (typeof value === "string") this.texts.push({ path, omitted, text: value });
    else if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
      this.texts.push({ path, omitted, text: value.toString() });
    }
  }
}

function inside({ path, omitted }: Place, name: string): Place {
  return { path: [...path, name], omitted };
}

function isTyped(value: object): value is TypedValue & Partial<NamedValue> {
  return "value" in value && "type" in value;
}

export function searchTexts(entry: ShownEntry): readonly SearchText[] {
  const collector = new Collector();
  collector.entry(entry);
  return collector.texts;
}
