/** Reads canonical definitions: lifted and lowered functions, and the resource built-ins. */
import { coreSignature, signatureOf } from "../canonical/layout.ts";
import { childTypes } from "../types/child-types.ts";
import type { FunctionType, ValueType } from "../types/value-type.ts";
import type { Reading } from "./externs.ts";
import type { CanonicalOptions, StringEncoding } from "./model.ts";
import { invalid, malformed, unsupported } from "./reader.ts";
import { lookup } from "./scope.ts";
import type { AnyType } from "./types.ts";

const encodings: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];
const optionNames = ["memory", "realloc", "post-return"] as const;

function coreFunctionType({ scope }: Reading, index: number, offset: number): number {
  const item = lookup(scope.core.function, index, { what: "core function", offset });
  return item.kind === "function" ? item.type : -1;
}

function checkMemory({ scope }: Reading, index: number, offset: number): void {
  const item = lookup(scope.core.memory, index, { what: "memory", offset });
  if (item.kind !== "memory") return;
  if (item.bounds.is64) unsupported("64-bit memories in canonical options", offset);
  if (item.bounds.shared) invalid("mismatch in the shared flag for memories", offset);
}

function readOptions(reading: Reading): CanonicalOptions {
  const { reader, decoding } = reading;
  const start = reader.position;
  let encoding: StringEncoding | undefined;
  const chosen: { memory?: number; realloc?: number; postReturn?: number } = {};
  reader.list("canonical option", () => {
    const offset = reader.position;
    const code = reader.byte();
    if (code === 0x06 || code === 0x07) unsupported("async canonical options", offset);
    if (code === 0x08 || code === 0x09) unsupported("garbage-collected values in canonical options", offset);
    const named = encodings[code];
    if (named !== undefined) {
      if (encoding !== undefined) {
        invalid(`canonical encoding option \`${encoding}\` conflicts with option \`${named}\``, offset);
      }
      encoding = named;
      return;
    }
    const name = optionNames[code - 3];
    if (name === undefined) return malformed("invalid canonical option", offset);
    const key = name === "post-return" ? "postReturn" : name;
    if (chosen[key] !== undefined) invalid(`canonical option \`${name}\` is specified more than once`, offset);
    const index = reader.u32();
    chosen[key] = index;
    if (name === "memory") checkMemory(reading, index, offset);
    else coreFunctionType(reading, index, offset);
  });
  if (chosen.realloc !== undefined) {
    if (chosen.memory === undefined) {
      invalid("canonical option `realloc` requires `memory` to also be specified", start);
    }
    const wanted = decoding.coreTypes.function(["i32", "i32", "i32", "i32"], ["i32"]);
    if (coreFunctionType(reading, chosen.realloc, start) !== wanted) {
      invalid("canonical option `realloc` uses a core function with an incorrect signature", start);
    }
  }
  return { encoding: encoding ?? "utf8", ...chosen };
}

/** Whether values of this type lie partly in memory wherever they are passed. */
function containsPointer(type: ValueType): boolean {
  return type.kind === "string" || type.kind === "list" || childTypes(type).some(containsPointer);
}

/** Insists on the options without which values of the function's type can't be passed. */
function checkRequired(
  type: FunctionType,
  direction: "lift" | "lower",
  given: { readonly options: CanonicalOptions; readonly offset: number },
): void {
  const { spilled, returnPointer } = signatureOf(type);
  const pointersIn = type.parameters.some((each) => containsPointer(each.type));
  const pointersOut = type.result !== undefined && containsPointer(type.result);
  const needsMemory = spilled || returnPointer || pointersIn || pointersOut;
  const needsRealloc = direction === "lift" ? spilled || pointersIn : pointersOut;
  const { options, offset } = given;
  if (needsMemory && options.memory === undefined) invalid("canonical option `memory` is required", offset);
  if (needsRealloc && options.realloc === undefined) invalid("canonical option `realloc` is required", offset);
}

function defineCoreFunction(
  { scope, decoding }: Reading,
  parameters: readonly string[],
  results: readonly string[],
): void {
  scope.core.function.push({ kind: "function", type: decoding.coreTypes.function(parameters, results) });
}

function functionTypeAt({ reader, scope }: Reading): FunctionType {
  const offset = reader.position;
  const index = reader.u32();
  const type = lookup(scope.types, index, { what: "type", offset });
  return type.kind === "function" ? type.type : invalid(`type index ${index} is not a function type`, offset);
}

function expectFunctionSort({ reader }: Reading): void {
  const offset = reader.position;
  if (reader.byte() !== 0x00) malformed("invalid leading byte of a canonical function", offset);
}

function readLift(reading: Reading, offset: number): void {
  const { reader, scope, decoding } = reading;
  expectFunctionSort(reading);
  const coreFunction = reader.u32();
  const actual = coreFunctionType(reading, coreFunction, offset);
  const options = readOptions(reading);
  const type = functionTypeAt(reading);
  checkRequired(type, "lift", { options, offset });
  const flat = coreSignature(type, "lift");
  const core = decoding.coreTypes.at(actual);
  const given = core.kind === "function" ? core : { parameters: [], results: [] };
  for (const part of ["parameters", "results"] as const) {
    if (flat[part].join(" ") !== given[part].join(" ")) {
      const what = part === "parameters" ? "parameter" : "result";
      invalid(
        `lowered ${what} types \`[${flat[part].join(", ")}]\` do not match ${what} types \`[${given[part].join(", ")}]\` of core function ${coreFunction}`,
        offset,
      );
    }
  }
  if (options.postReturn !== undefined) {
    const wanted = decoding.coreTypes.function(given.results, []);
    if (coreFunctionType(reading, options.postReturn, offset) !== wanted) {
      invalid("canonical option `post-return` uses a core function with an incorrect signature", offset);
    }
  }
  const { definition } = scope;
  if (definition === undefined) return;
  const runtime = definition.define("function", {
    kind: "lift",
    coreFunction,
    type: definition.function(type),
    options,
  });
  scope.functions.push({ type, runtime });
}

function readLower(reading: Reading, offset: number): void {
  const { reader, scope } = reading;
  expectFunctionSort(reading);
  const { type, runtime } = lookup(scope.functions, reader.u32(), { what: "function", offset });
  const options = readOptions(reading);
  if (options.postReturn !== undefined) {
    invalid("canonical option `post-return` cannot be specified for lowerings", offset);
  }
  checkRequired(type, "lower", { options, offset });
  const flat = coreSignature(type, "lower");
  defineCoreFunction(reading, flat.parameters, flat.results);
  const { definition } = scope;
  definition?.initializers.push({ kind: "lower", function: runtime, type: definition.function(type), options });
}

function readResourceBuiltin(reading: Reading, kind: "resource-new" | "resource-drop" | "resource-rep"): void {
  const { reader, scope, decoding } = reading;
  const offset = reader.position;
  const index = reader.u32();
  const type: AnyType = lookup(scope.types, index, { what: "type", offset });
  if (type.kind !== "resource") return invalid(`type index ${index} is not a resource type`, offset);
  const isLocal = scope.definedResources.get(decoding.resources.identity(type.reference)) === true;
  if (kind !== "resource-drop" && !isLocal) invalid(`type ${index} is not a local resource`, offset);
  defineCoreFunction(reading, ["i32"], kind === "resource-drop" ? [] : ["i32"]);
  const { definition } = scope;
  definition?.initializers.push({ kind, resource: definition.variable(type.reference) });
}

/** Reads one canonical definition. */
export function readCanonical(reading: Reading): void {
  const offset = reading.reader.position;
  const code = reading.reader.byte();
  switch (code) {
    case 0x00:
      return readLift(reading, offset);
    case 0x01:
      return readLower(reading, offset);
    case 0x02:
      return readResourceBuiltin(reading, "resource-new");
    case 0x03:
      return readResourceBuiltin(reading, "resource-drop");
    case 0x04:
      return readResourceBuiltin(reading, "resource-rep");
    default:
      if (code <= 0x2d || (code >= 0x40 && code <= 0x42)) unsupported("async canonical built-ins", offset);
      malformed("invalid canonical definition", offset);
  }
}
