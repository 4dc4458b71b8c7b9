/** JSON whose integers keep all their digits: 64-bit numbers are plain JSON numbers on the wire (spec/service.md §1.1). */

/** What `parseJson` gives: integers beyond 2^53 are `bigint`, all other numbers `number`. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** Only texts with a number this long can hold an integer that a double can't. */
const longInteger = /\d{16}/u;
const integer = /^-?[1-9]\d*$/u;

interface ReviverContext {
  readonly source?: string;
}

type SourceReviver = (key: string, value: unknown, context: ReviverContext) => unknown;

function exactNumber(_key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const { source } = context;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
}

/** `JSON.rawJSON` and the reviver's context came together, and aren't in TypeScript's library yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON?: (text: string) => unknown };

/** Throws `SyntaxError` as `JSON.parse` does. */
export function parseJson(text: string): Json {
  if (!longInteger.test(text)) return JSON.parse(text) as Json;
  if (rawJSON === undefined) return parseMarked(text);
  return (JSON.parse as (text: string, reviver: SourceReviver) => Json)(text, exactNumber);
}

/** Like `JSON.stringify`, with `bigint` written as a number. */
export function formatJson(value: unknown, indent?: number): string {
  if (rawJSON === undefined) return formatMarked(value, indent);
  return JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === "bigint" ? rawJSON(item.toString()) : item),
    indent,
  );
}

/**
 * Engines without `JSON.rawJSON` (Node 20, older browsers) see integers as strings that begin with a mark. It is drawn
 * anew in each process, so that no document can contain it on purpose.
 */
const mark = `${crypto.randomUUID()}:`;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gsu;
const markedString = new RegExp(`"${mark}(-?\\d+)"`, "gu");

/** `parseJson` where the engine doesn't tell a number's source. */
export function parseMarked(text: string): Json {
  const marked = text.replace(stringOrNumber, (token) =>
    integer.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  const reviver = (_key: string, value: unknown): unknown =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  return JSON.parse(marked, reviver) as Json;
}

/** `formatJson` where the engine has no raw JSON. */
export function formatMarked(value: unknown, indent?: number): string {
  const replacer = (_key: string, item: unknown): unknown => (typeof item === "bigint" ? `${mark}${item}` : item);
  return JSON.stringify(value, replacer, indent).replace(markedString, "$1");
}
