/** Arguments and results of invocations as people write and read them. */
import {
  formatWave,
  parseJson,
  parseWave,
  typeFromJson,
  valueFromJson,
  valueToJson,
  WaveError,
} from "@emet/contract/client";
import type { Json, TypedValue, TypeJson } from "@emet/contract/client";
import { usageError } from "./failure.ts";
import { signatureOf, typeText } from "./functions.ts";
import type { FoundFunction } from "./functions.ts";

/** What is written of a long argument on each side of a mistake. */
const excerptLength = 60;

/** The parameters of a call: WAVE texts, one for each. */
export function readArguments(target: FoundFunction, texts: readonly string[]): readonly Json[] {
  checkCount(target, texts.length);
  return target.parameters.map(({ name, typ }, index) => {
    const json = readArgument(
      typ,
      texts[index] ?? "",
      `argument ${index + 1} (${name}: ${typeText(typ, target.resources)})`,
    );
    return { typ: typ, value: json };
  });
}

/** The parameters of a call: a JSON array, each as a bare value or as `{typ, value}`. */
export function readJsonArguments(target: FoundFunction, text: string): readonly Json[] {
  let json: Json;
  try {
    json = parseJson(text);
  } catch (error) {
    throw usageError(`--params: ${(error as Error).message}`, { cause: error });
  }
  if (!Array.isArray(json)) throw usageError("--params must be a JSON array with one element for each parameter");
  const list = json as readonly Json[];
  checkCount(target, list.length);
  return list;
}

function checkCount(target: FoundFunction, count: number): void {
  const expected = target.parameters.length;
  if (count === expected) return;
  const arguments_ = expected === 1 ? "1 argument" : `${expected} arguments`;
  throw usageError(`${target.shortName} takes ${arguments_}, not ${count}: ${signatureOf(target)}`);
}

function readArgument(typ: TypeJson, text: string, place: string): Json {
  // Handles have no form in WAVE: they are given by their URNs.
  if (typ.type === "Handle") return text;
  // A shell has taken the quotes of a plain word; what can't be a quoted string is one as it stands.
  if (typ.type === "Str" && !text.trimStart().startsWith('"')) return text;
  const type = typeFromJson(typ);
  try {
    return valueToJson(type, parseWave(type, text), { urn: () => "" });
  } catch (error) {
    if (!(error instanceof WaveError)) throw error;
    throw usageError(`${place}: ${error.message}\n${pointer(text, error.position)}`, { cause: error });
  }
}

/** The line of the mistake with a caret below it. */
function pointer(text: string, position: number): string {
  const start = Math.max(text.lastIndexOf("\n", position - 1) + 1, position - excerptLength);
  const [line = ""] = text.slice(start, position + excerptLength).split("\n");
  return `  ${line}\n  ${" ".repeat(position - start)}^`;
}

/** The results as WAVE texts; undefined where a handle is among them, which WAVE can't write. */
export function waveResults({ typ, value }: TypedValue): readonly string[] | undefined {
  const types = typ.type === "Tuple" ? typ.items : [typ];
  const values = (typ.type === "Tuple" ? value : [value]) as readonly Json[];
  if (types.some(hasHandle)) return undefined;
  return types.map((item, index) => {
    const type = typeFromJson(item);
    const handles = { representation: (urn: string): string => urn, nullFloats: true };
    return formatWave(type, valueFromJson(type, values[index] ?? null, handles, "result"));
  });
}

function hasHandle(type: TypeJson): boolean {
  return JSON.stringify(type).includes('"type":"Handle"');
}

/** Any `{typ, value}` pair as text: WAVE, or JSON where WAVE has no form for it. */
export function valueText(pair: TypedValue): string {
  try {
    return (
      waveResults({ typ: { type: "Tuple", items: [pair.typ] }, value: [pair.value] })?.[0] ?? JSON.stringify(pair.value)
    );
  } catch {
    return JSON.stringify(pair.value);
  }
}
