/** PostgreSQL's notation of arrays, rows and ranges. */
import { DatabaseError } from "../../platform/databases/database.ts";

function malformed(what: string, text: string): DatabaseError {
  return new DatabaseError("query-response-failure", `malformed ${what}: ${text.slice(0, 100)}`);
}

/** An element; a list where an array has more dimensions; undefined is NULL. */
export type ArrayItem = string | undefined | readonly ArrayItem[];

/** Arrays have at most six dimensions. */
const dimensionsMax = 6;

/** Reads literals from the left. */
class Reader {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get next(): string {
    return this.text[this.at] ?? "";
  }

  /** True if that came next; then it is taken. */
  take(expected: string): boolean {
    if (this.next !== expected) return false;
    this.at += 1;
    return true;
  }

  /** A quoted text, behind its first quote; quotes in it are doubled or escaped. */
  quoted(): string {
    let value = "";
    for (;;) {
      const from = this.at;
      while (this.at < this.text.length && this.next !== '"' && this.next !== "\\") this.at += 1;
      value += this.text.slice(from, this.at);
      if (this.at >= this.text.length) throw malformed("literal", this.text);
      const escaped = this.take("\\");
      if (!escaped) {
        this.at += 1;
        if (this.next !== '"') return value;
      }
      value += this.next;
      this.at += 1;
    }
  }

  /** Up to one of these, with what is quoted in it; undefined when there is nothing. */
  field(ends: string): string | undefined {
    let value: string | undefined;
    while (this.at < this.text.length && !ends.includes(this.next)) {
      if (this.take('"')) value = (value ?? "") + this.quoted();
      else {
        if (this.next === "\\") this.at += 1;
        value = (value ?? "") + this.next;
        this.at += 1;
      }
    }
    return value;
  }
}

function readArray(reader: Reader, depth: number): readonly ArrayItem[] {
  const items: ArrayItem[] = [];
  if (reader.take("}")) return items;
  do {
    if (reader.take("{")) {
      if (depth >= dimensionsMax) throw malformed("array", reader.text);
      items.push(readArray(reader, depth + 1));
    } else if (reader.take('"')) items.push(reader.quoted());
    else {
      const item = reader.field(",}");
      items.push(item === "NULL" ? undefined : item);
    }
  } while (reader.take(","));
  if (!reader.take("}")) throw malformed("array", reader.text);
  return items;
}

/** `{1,NULL,"a b"}`, `[0:1]={1,2}`, `{{1,2},{3,4}}`. */
export function parseArray(text: string): readonly ArrayItem[] {
  const start = text.indexOf("{");
  if (start < 0) throw malformed("array", text);
  return readArray(new Reader(text, start + 1), 1);
}

/** `(1,,"a b")`: what is empty is NULL. */
export function parseRow(text: string, length: number): readonly (string | undefined)[] {
  const reader = new Reader(text);
  if (!reader.take("(")) throw malformed("row", text);
  const fields: (string | undefined)[] = [];
  if (length > 0) {
    do fields.push(reader.field(",)"));
    while (reader.take(","));
  }
  if (!reader.take(")") || fields.length !== length) throw malformed("row", text);
  return fields;
}

export interface RangeText {
  readonly empty: boolean;
  readonly start: { readonly included: boolean; readonly text: string | undefined };
  readonly end: { readonly included: boolean; readonly text: string | undefined };
}

/** `[1,10)`, `(,5]`, `empty`. */
export function parseRange(text: string): RangeText {
  const unbounded = { included: false, text: undefined };
  if (text === "empty") return { empty: true, start: unbounded, end: unbounded };
  const reader = new Reader(text);
  const startIncluded = reader.take("[");
  if (!startIncluded && !reader.take("(")) throw malformed("range", text);
  const start = reader.field(",");
  if (!reader.take(",")) throw malformed("range", text);
  const end = reader.field("])");
  return {
    empty: false,
    start: { included: startIncluded, text: start },
    end: { included: reader.take("]"), text: end },
  };
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

export function formatArray(items: readonly ArrayItem[]): string {
  const written = items.map((item) => {
    if (item === undefined) return "NULL";
    return typeof item === "string" ? quote(item) : formatArray(item);
  });
  return `{${written.join(",")}}`;
}

export function formatRow(fields: readonly (string | undefined)[]): string {
  return `(${fields.map((field) => (field === undefined ? "" : quote(field))).join(",")})`;
}

export function formatRange({ start, end }: Omit<RangeText, "empty">): string {
  const bound = (text: string | undefined): string => (text === undefined ? "" : quote(text));
  return `${start.included ? "[" : "("}${bound(start.text)},${bound(end.text)}${end.included ? "]" : ")"}`;
}
