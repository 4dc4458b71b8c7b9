/** Values as WAVE text, which `parseWave` reads back. */
import { camelCase } from "@emet/component/values";
import type { Value, ValueType } from "@emet/component/values";

/** Words with a meaning of their own: as the name of a case they need a `%`. */
const keywords = new Set(["true", "false", "inf", "nan", "some", "none", "ok", "err"]);

type Members = { readonly [name: string]: Value };
type Tagged = { readonly tag: string; readonly val?: Value };

/** `value` must be of `type`. Handles, which have no form in WAVE, are written as strings. */
export function formatWave(type: ValueType, value: Value): string {
  switch (type.kind) {
    case "char":
      return `'${escaped(value as string, "'")}'`;
    case "string":
    case "own":
    case "borrow":
      return `"${escaped(value as string, '"')}"`;
    case "f32":
    case "f64":
      return formatFloat(value as number);
    case "list":
      return `[${Array.from(value as ArrayLike<Value>, (item) => formatWave(type.element, item)).join(", ")}]`;
    case "tuple":
      return `(${type.items.map((item, index) => formatWave(item, (value as readonly Value[])[index])).join(", ")})`;
    case "record":
      return formatRecord(type.fields, value as Members);
    case "flags":
      return `{${type.names.filter((name) => (value as Members)[camelCase(name)] === true).join(", ")}}`;
    case "enum":
      return caseName(value as string);
    case "variant": {
      const { tag, val } = value as Tagged;
      return caseName(tag) + payload(type.cases.find((item) => item.name === tag)?.type, val);
    }
    case "result": {
      const { tag, val } = value as Tagged;
      return tag + payload(tag === "ok" ? type.ok : type.err, val);
    }
    case "option":
      return formatOption(type.some, value);
    default:
      return (value as number | bigint | boolean).toString();
  }
}

/** Fields that are none are left out, as readers allow. */
function formatRecord(fields: readonly { readonly name: string; readonly type: ValueType }[], value: Members): string {
  const parts = fields.flatMap(({ name, type }) => {
    const text = formatWave(type, value[camelCase(name)]);
    return type.kind === "option" && text === "none" ? [] : [`${name}: ${text}`];
  });
  return parts.length === 0 ? "{:}" : `{${parts.join(", ")}}`;
}

function payload(type: ValueType | undefined, value: Value): string {
  return type === undefined ? "" : `(${formatWave(type, value)})`;
}

function formatOption(some: ValueType, value: Value): string {
  if (some.kind !== "option") return value === undefined ? "none" : `some(${formatWave(some, value)})`;
  const { tag, val } = value as Tagged;
  return tag === "none" ? "none" : `some(${formatWave(some, val)})`;
}

function caseName(name: string): string {
  return keywords.has(name) ? `%${name}` : name;
}

function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

const named: { readonly [character: string]: string } = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function escaped(text: string, quote: string): string {
  // Control characters, and those that change the direction of what follows, would garble a terminal.
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069\\"']/gu, (character) => {
    if (character === '"' || character === "'") return character === quote ? `\\${character}` : character;
    return named[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
