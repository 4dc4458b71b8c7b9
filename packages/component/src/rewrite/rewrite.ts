/**
 * Prepares a core module for being metered, stopped, saved and replayed. Everything is appended, so that no index
 * changes: a table for the hooks, counters for fuel and stack, a slow path, and exports of the state. See `names.ts`
 * for the exports and `stack-budget.ts` for the counted stack.
 */
import { CoreTypes, encodeValueType } from "../decode/core/types.ts";
import { readCoreModule } from "../decode/core/module.ts";
import { invalid, Reader } from "../decode/reader.ts";
import { BranchHints } from "./branch-hints.ts";
import { ByteWriter, leb, signedLeb } from "./byte-writer.ts";
import { findRecursion } from "./call-graph.ts";
import { BodyEmitter } from "./emit.ts";
import { ModuleFacts } from "./module-facts.ts";
import { reservedExports, reservedPrefix } from "./names.ts";
import { Scanner } from "./scan.ts";
import type { ScannedFunction } from "./scan.ts";
import { limitedTables } from "./limited-tables.ts";
import { joinSections, sectionId, splitSections } from "./sections.ts";
import type { Section } from "./sections.ts";
import { makeSnippets } from "./snippets.ts";
import type { Additions, Snippets } from "./snippets.ts";
import { defaultStackBytes, stackCharges } from "./stack-budget.ts";
import { findState } from "./state.ts";
import type { ModuleSummary } from "./summary.ts";

/** What the engine allows. */
const tableEntriesMax = 10_000_000;

export interface RewriteOptions {
  /** Most pages that a memory may have; a module that starts with more is refused. */
  readonly maximumPages?: number;
  /** Most entries that a table may have; a module that starts with more is refused. */
  readonly maximumTableEntries?: number;
  /** What the stack counter begins with; the linker may set another value. */
  readonly stackBytes?: number;
}

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly summary: ModuleSummary;
}

/** Codes of types. */
export const type = { function: 0x60, i32: 0x7f, funcref: 0x70 } as const;
/** Codes of what is exported. */
export const exportKind = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** Everything that is known before the module is written. */
interface Plan {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly facts: ModuleFacts;
  readonly additions: Additions;
  readonly functions: readonly ScannedFunction[];
  readonly scanner: Scanner;
  readonly charges: Int32Array;
  readonly recursive: Uint8Array;
  /** Bytes of the types that are added. */
  readonly addedTypes: number[][];
  /** Index of the added type for blocks with several results, by the results' types. */
  readonly blockTypes: Map<string, number>;
}

/** The section of this id. */
export function section(sections: readonly Section[], id: number): Section | undefined {
  return sections.find((each) => each.id === id);
}

/** Scans all functions that the module defines. */
export function scanFunctions(bytes: Uint8Array, sections: readonly Section[], scanner: Scanner): ScannedFunction[] {
  const { importedFunctions, definedFunctions } = scanner.facts;
  const code = section(sections, sectionId.code);
  if (code === undefined) {
    return definedFunctions === 0 ? [] : invalid("function and code section have inconsistent lengths", bytes.length);
  }
  const reader = new Reader(bytes, code.start, code.end);
  const functions: ScannedFunction[] = [];
  const count = reader.count("function body");
  if (count !== definedFunctions) invalid("function and code section have inconsistent lengths", code.start);
  for (let index = 0; index < count; index++) {
    const body = reader.section(reader.u32());
    functions.push(scanner.scan(importedFunctions + index, body.position, body.end));
  }
  reader.finish("code section");
  return functions;
}

/** Puts the calls that the scanner found into the form that the graph algorithms want. */
function callGraphOf(
  functions: readonly ScannedFunction[],
  scanner: Scanner,
): { starts: Int32Array; callees: Int32Array } {
  const starts = new Int32Array(functions.length + 1);
  for (const [index, { endCall }] of functions.entries()) starts[index + 1] = endCall;
  const callees = Int32Array.from({ length: scanner.calls.length }, (_, place) => scanner.calls.get(place));
  return { starts, callees };
}

function makePlan(bytes: Uint8Array): Plan {
  const sections = splitSections(bytes);
  const module = readCoreModule(new Reader(bytes), new CoreTypes());
  for (const name of module.exports.keys()) {
    if (name.startsWith(reservedPrefix)) invalid(`export name \`${name}\` is reserved`, 0);
  }
  const facts = new ModuleFacts(module);
  const scanner = new Scanner(bytes, facts);
  const functions = scanFunctions(bytes, sections, scanner);
  const graph = callGraphOf(functions, scanner);
  const components = findRecursion(graph);
  const charges = stackCharges(functions, graph, components);
  const { spaces, typeSpace } = module;
  const additions: Additions = {
    fuelGlobal: spaces.global.length,
    stackGlobal: spaces.global.length + 1,
    hooksTable: spaces.table.length,
    slowType: typeSpace.length,
    hookType: typeSpace.length + 1,
    slowFunction: spaces.function.length,
  };
  const addedTypes = [
    [type.function, 0, 0],
    [type.function, 0, 1, type.i32],
  ];
  const { recursive } = components;
  const blockTypes = new Map<string, number>();
  return { bytes, sections, facts, additions, functions, scanner, charges, recursive, addedTypes, blockTypes };
}

/** The type of a block that gives a function's results; more than one result needs a type of its own. */
function blockTypeOf(plan: Plan, functionIndex: number): readonly number[] {
  const { facts, addedTypes, blockTypes } = plan;
  const results = facts.results(functionIndex);
  const [only] = results;
  if (only === undefined) return [0x40];
  const { typeSpace } = facts.module;
  if (results.length === 1) return encodeValueType(only, typeSpace);
  const key = results.join(" ");
  let index = blockTypes.get(key);
  if (index === undefined) {
    index = typeSpace.length + addedTypes.length;
    blockTypes.set(key, index);
    const encoded = results.flatMap((each) => encodeValueType(each, typeSpace));
    addedTypes.push([type.function, 0, ...leb(results.length), ...encoded]);
  }
  return signedLeb(index);
}

function writeCode(plan: Plan, snippets: Snippets, hints: BranchHints): Uint8Array {
  const { bytes, facts, functions, scanner, charges, recursive } = plan;
  const output = new ByteWriter(bytes.length + (bytes.length >> 2));
  output.u32(functions.length + 1);
  const emitter = new BodyEmitter({ source: bytes, points: scanner.points, snippets, output, hints });
  for (const [index, scanned] of functions.entries()) {
    const charge = charges[index] ?? 0;
    const functionIndex = facts.importedFunctions + index;
    emitter.emit(scanned, {
      functionIndex,
      charge,
      checksFuel: recursive[index] === 1 || scanned.callsIndirectly,
      blockType: charge === 0 ? [] : blockTypeOf(plan, functionIndex),
      savedIn: scanned.handlesExceptions ? facts.parameterCount(functionIndex) + scanned.localCount : -1,
    });
  }
  output.u32(snippets.slowBody.length);
  output.append(snippets.slowBody);
  return output.finish();
}

/** The content of a section that is a vector, with more items at its end. */
export function extended(
  plan: Pick<Plan, "bytes" | "sections">,
  id: number,
  items: readonly (readonly number[])[],
): Uint8Array {
  const existing = section(plan.sections, id);
  const output = new ByteWriter((existing === undefined ? 0 : existing.end - existing.start) + 256);
  const reader = new Reader(plan.bytes, existing?.start ?? 0, existing?.end ?? 0);
  const count = existing === undefined ? 0 : reader.u32();
  output.u32(count + items.length);
  output.copy(plan.bytes, reader.position, reader.end);
  for (const item of items) output.append(item);
  return output.finish();
}

/** An item of the export section. */
export function exportEntry(name: string, kind: number, index: number): number[] {
  const text = new TextEncoder().encode(name);
  return [...leb(text.length), ...text, kind, ...leb(index)];
}

function exportEntries(plan: Plan, summary: ModuleSummary, start: number | undefined): number[][] {
  const { additions } = plan;
  return [
    exportEntry(reservedExports.hooks, exportKind.table, additions.hooksTable),
    exportEntry(reservedExports.fuel, exportKind.global, additions.fuelGlobal),
    exportEntry(reservedExports.stack, exportKind.global, additions.stackGlobal),
    ...(start === undefined ? [] : [exportEntry(reservedExports.start, exportKind.function, start)]),
    ...summary.memories.map(({ index }) => exportEntry(reservedExports.memory(index), exportKind.memory, index)),
    ...summary.globals.map((index) => exportEntry(reservedExports.global(index), exportKind.global, index)),
    ...summary.tables.map((index) => exportEntry(reservedExports.table(index), exportKind.table, index)),
  ];
}

/** The memory section with the maxima of the summary. */
function memorySection(plan: Plan, summary: ModuleSummary): Uint8Array {
  const output = new ByteWriter(64);
  output.u32(summary.memories.length);
  for (const { index, initialPages, maximumPages } of summary.memories) {
    const memory = plan.facts.module.spaces.memory[index];
    const bounds = memory?.kind === "memory" ? memory.bounds : undefined;
    output.byte(1 | (bounds?.shared ? 2 : 0) | (bounds?.is64 ? 4 : 0));
    output.u32(initialPages);
    output.u32(maximumPages ?? initialPages);
  }
  return output.finish();
}

function startFunction(plan: Plan): number | undefined {
  const start = section(plan.sections, sectionId.start);
  return start === undefined ? undefined : new Reader(plan.bytes, start.start, start.end).u32();
}

/**
 * Rewrites a core module. Throws `ComponentError` when it is malformed as far as this looks, or uses instructions
 * whose results depend on the processor or that are not known; the engine validates the rest.
 */
export function rewriteModule(bytes: Uint8Array, options: RewriteOptions = {}): RewrittenModule {
  const plan = makePlan(bytes);
  const { additions, scanner, sections } = plan;
  const start = startFunction(plan);
  const memory = section(sections, sectionId.memory);
  const state = findState(plan.facts, { maximumPages: options.maximumPages ?? 65_536, offset: memory?.start ?? 0 });
  const obstacle = state.snapshotObstacle ?? scanner.obstacle;
  const summary: ModuleSummary = {
    ...state,
    hasStart: start !== undefined,
    countsStack: plan.charges.some((charge) => charge > 0),
    ...(obstacle === undefined ? {} : { snapshotObstacle: obstacle }),
  };
  const hints = new BranchHints();
  const code = writeCode(plan, makeSnippets(additions), hints);
  const stackBytes = options.stackBytes ?? defaultStackBytes;
  const changed = new Map<number, Uint8Array | undefined>([
    [sectionId.type, extended(plan, sectionId.type, plan.addedTypes)],
    [sectionId.function, extended(plan, sectionId.function, [leb(additions.slowType)])],
    [
      sectionId.table,
      limitedTables(bytes, section(sections, sectionId.table), {
        entriesMax: options.maximumTableEntries ?? tableEntriesMax,
        typeSpace: plan.facts.module.typeSpace,
        added: [[type.funcref, 1, 2, 2]],
      }),
    ],
    [
      sectionId.global,
      extended(plan, sectionId.global, [
        [type.i32, 1, 0x41, 0, 0x0b],
        [type.i32, 1, 0x41, ...signedLeb(stackBytes), 0x0b],
      ]),
    ],
    [sectionId.export, extended(plan, sectionId.export, exportEntries(plan, summary, start))],
    [sectionId.start, undefined],
    [sectionId.code, code],
  ]);
  if (memory !== undefined) changed.set(sectionId.memory, memorySection(plan, summary));
  return { bytes: joinSections(bytes, sections, { changed, beforeCode: hints.finish() }), summary };
}
