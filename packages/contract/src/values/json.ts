/** JSON whose integers keep all their digits: 64-bit numbers are plain JSON numbers on the wire (spec/service.md §1.1). */

/** What `parseJson` gives: integers beyond 2^53 are `bigint`, all other numbers `number`. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** Only texts with a number this long can hold an integer that a double can't. */
const longInteger = /\d{16}/u;
const integer = /^-?\d+$/u;

interface ReviverContext {
  readonly source?: string;
}

type SourceReviver = (key: string, value: unknown, context: ReviverContext) => unknown;

function exactNumber(_key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const { source } = context;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
}

/** Throws `SyntaxError` as `JSON.parse` does. */
export function parseJson(text: string): Json {
  if (!longInteger.test(text)) return JSON.parse(text) as Json;
  return (JSON.parse as (text: string, reviver: SourceReviver) => Json)(text, exactNumber);
}

/** `JSON.rawJSON` is in every engine that runs this, but not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

function bigintAsNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(value.toString()) : value;
}

/** Like `JSON.stringify`, with `bigint` written as a number. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, bigintAsNumber);
}
