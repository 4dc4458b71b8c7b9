import { usageError } from "./failure.ts";

/** `NAME=VALUE` texts of a repeatable option as an object. */
export function pairs(flag: string, texts: readonly string[]): { [name: string]: string } {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at <= 0) throw usageError(`${flag}: "${text}" must be NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
