/** Reads what a component needs to know of a core module: the types of its imports and exports. */
import { invalid, malformed, unsupported } from "../reader.ts";
import { Reader } from "../reader.ts";
import { skipConstantExpression } from "./constant-expression.ts";
import {
  readCoreExtern,
  readFunctionTypeIndex,
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
} from "./externs.ts";
import type { CoreExtern, CoreImport, CoreModule } from "./externs.ts";
import { readRecursionGroup } from "./types.ts";
import type { CoreTypes } from "./types.ts";

/** Kinds in the order of their codes in import and export entries. */
export const coreKinds = ["function", "table", "memory", "global", "tag"] as const;
export type CoreKind = (typeof coreKinds)[number];

/** A core module's index spaces, imports first. */
export interface CoreModuleSpaces extends CoreModule {
  readonly types: CoreTypes;
  /** The identity of each type index. */
  readonly typeSpace: readonly number[];
  readonly spaces: { readonly [kind in CoreKind]: readonly CoreExtern[] };
}

interface State {
  readonly types: CoreTypes;
  readonly typeSpace: number[];
  readonly spaces: { readonly [kind in CoreKind]: CoreExtern[] };
  readonly imports: CoreImport[];
  /** Undefined where names may repeat. */
  readonly importNames: Set<string> | undefined;
  readonly exports: Map<string, CoreExtern>;
}

function newState(types: CoreTypes): State {
  const spaces = { function: [], table: [], memory: [], global: [], tag: [] };
  return { types, typeSpace: [], spaces, imports: [], importNames: new Set(), exports: new Map() };
}

/** Reads the eight bytes that begin a core module. */
export function readModulePreamble(reader: Reader): void {
  const offset = reader.position;
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  for (const expected of magic) {
    if (reader.byte() !== expected) malformed("not a core module: wrong magic or version", offset);
  }
}

function readImport(reader: Reader, state: State): void {
  const offset = reader.position;
  const module = reader.name();
  const name = reader.name();
  const type = readCoreExtern(reader, state.typeSpace, state.types);
  const key = `${module.length}:${module}${name}`;
  if (state.importNames?.has(key) === true)
    invalid(`duplicate import name \`${module}:${name}\` already defined`, offset);
  state.importNames?.add(key);
  state.imports.push({ module, name, type });
  state.spaces[type.kind].push(type);
}

function readExport(reader: Reader, state: State): void {
  const offset = reader.position;
  const name = reader.name();
  const kind = coreKinds[reader.byte()] ?? malformed("malformed export kind", offset);
  const index = reader.u32();
  const item = state.spaces[kind][index] ?? invalid(`unknown ${kind} ${index}: index out of bounds`, offset);
  if (state.exports.has(name)) invalid(`duplicate export name \`${name}\` already defined`, offset);
  state.exports.set(name, item);
}

function readTable(reader: Reader, state: State): CoreExtern {
  if (reader.peek() !== 0x40) return readTableType(reader, state.typeSpace);
  reader.byte();
  const offset = reader.position;
  if (reader.byte() !== 0) malformed("malformed table", offset);
  const table = readTableType(reader, state.typeSpace);
  skipConstantExpression(reader);
  return table;
}

function readSection(id: number, reader: Reader, state: State): void {
  const { types, typeSpace, spaces } = state;
  const each = (what: string, read: () => void): void => {
    reader.list(what, read);
    reader.finish("section");
  };
  switch (id) {
    case 1:
      return each("type", () => readRecursionGroup(reader, types, typeSpace));
    case 2:
      return each("import", () => readImport(reader, state));
    case 3:
      return each("function", () => {
        spaces.function.push({ kind: "function", type: readFunctionTypeIndex(reader, typeSpace, types) });
      });
    case 4:
      return each("table", () => spaces.table.push(readTable(reader, state)));
    case 5:
      return each("memory", () => spaces.memory.push(readMemoryType(reader)));
    case 6:
      return each("global", () => {
        spaces.global.push(readGlobalType(reader, typeSpace));
        skipConstantExpression(reader);
      });
    case 7:
      return each("export", () => readExport(reader, state));
    case 13:
      return each("tag", () => spaces.tag.push(readTagType(reader, typeSpace, types)));
    default:
  }
}

/** The position of each section in a module; custom sections (0) may stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Checks the order of a module's sections: call with each section's id in turn. */
export function sectionOrderCheck(): (id: number, offset: number) => void {
  let last = -1;
  return (id, offset) => {
    if (id === 0) return;
    const place = sectionOrder.indexOf(id);
    if (place < 0) unsupported(`core module section ${id}`, offset);
    if (place <= last) malformed("section out of order", offset);
    last = place;
  };
}

/** Reads the module that `reader` spans, which is part of a component. */
export function readCoreModule(reader: Reader, types: CoreTypes): CoreModuleSpaces {
  return readModule(reader, newState(types));
}

/** Reads a module that stands alone: it may import the same thing several times. */
export function readLoneModule(reader: Reader, types: CoreTypes): CoreModuleSpaces {
  return readModule(reader, { ...newState(types), importNames: undefined });
}

function readModule(reader: Reader, state: State): CoreModuleSpaces {
  readModulePreamble(reader);
  const checkOrder = sectionOrderCheck();
  while (!reader.done) {
    const offset = reader.position;
    const id = reader.byte();
    const section = reader.section(reader.u32());
    checkOrder(id, offset);
    readSection(id, section, state);
  }
  return state;
}

/** Reads the declarations of a module type, after its opcode. `outer` finds core types of the enclosing scopes. */
export function readModuleType(
  reader: Reader,
  types: CoreTypes,
  outer: (count: number, index: number, offset: number) => number,
): CoreModule {
  const state = newState(types);
  reader.list("module declaration", () => readModuleDeclaration(reader, state, outer));
  return state;
}

function readModuleDeclaration(
  reader: Reader,
  state: State,
  outer: (count: number, index: number, offset: number) => number,
): void {
  const offset = reader.position;
  switch (reader.byte()) {
    case 0x00:
      return readImport(reader, state);
    case 0x01:
      if (reader.peek() === 0x50) invalid("a module type can't be defined within a module type", offset);
      if (reader.peek() === 0x00) reader.byte();
      return readRecursionGroup(reader, state.types, state.typeSpace);
    case 0x02:
      return readModuleAlias(reader, state, outer);
    case 0x03: {
      const name = reader.name();
      const type = readCoreExtern(reader, state.typeSpace, state.types);
      if (state.exports.has(name)) invalid(`duplicate export name \`${name}\` already defined`, offset);
      state.exports.set(name, type);
      return;
    }
    default:
      malformed("malformed module type declaration", offset);
  }
}

function readModuleAlias(
  reader: Reader,
  state: State,
  outer: (count: number, index: number, offset: number) => number,
): void {
  const offset = reader.position;
  if (reader.byte() !== 0x10 || reader.byte() !== 0x01) malformed("malformed alias in a module type", offset);
  const count = reader.u32();
  const index = reader.u32();
  const own = state.typeSpace[index];
  if (count === 0 && own === undefined) invalid(`unknown core type ${index}: index out of bounds`, offset);
  state.typeSpace.push(count === 0 && own !== undefined ? own : outer(count - 1, index, offset));
}
