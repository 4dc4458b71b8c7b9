/** Which parts of a module make up the state of an idle instance, and what keeps it from being saved. */
import type { ModuleFacts } from "./module-facts.ts";
import type { ModuleSummary } from "./summary.ts";
import { invalid } from "../decode/reader.ts";

const pageCountMax = 65_536;

const numericTypes = new Set(["i32", "i64", "f32", "f64"]);

/** Positions of what the module itself defines in the index space of `kind`. */
function defined(
  facts: ModuleFacts,
  kind: "table" | "memory" | "global",
): { readonly from: number; readonly to: number } {
  const from = facts.module.imports.filter((each) => each.type.kind === kind).length;
  return { from, to: facts.module.spaces[kind].length };
}

/** The state of a module's instances. Memories are limited to `maximumPages`. */
export function findState(
  facts: ModuleFacts,
  options: { readonly maximumPages: number; readonly offset: number },
): Omit<ModuleSummary, "hasStart" | "countsStack"> {
  const { spaces } = facts.module;
  let obstacle: string | undefined;
  const memories: ModuleSummary["memories"][number][] = [];
  const memoryRange = defined(facts, "memory");
  for (let index = memoryRange.from; index < memoryRange.to; index++) {
    const memory = spaces.memory[index];
    if (memory?.kind !== "memory") continue;
    const initialPages = Number(memory.bounds.minimum);
    if (initialPages > options.maximumPages) {
      invalid(`memory of ${initialPages} pages exceeds the limit of ${options.maximumPages} pages`, options.offset);
    }
    const declared = memory.bounds.maximum === undefined ? undefined : Number(memory.bounds.maximum);
    memories.push({
      index,
      initialPages,
      maximumPages: Math.min(declared ?? pageCountMax, options.maximumPages),
      ...(declared === undefined ? {} : { declaredMaximumPages: declared }),
    });
    if (memory.bounds.shared) obstacle ??= "it has a shared memory";
  }
  const globals: number[] = [];
  const globalRange = defined(facts, "global");
  for (let index = globalRange.from; index < globalRange.to; index++) {
    const global = spaces.global[index];
    if (global?.kind !== "global" || !global.mutable) continue;
    if (numericTypes.has(global.type)) globals.push(index);
    else obstacle ??= `it has a mutable global of type ${global.type}`;
  }
  const tableRange = defined(facts, "table");
  const tables = Array.from({ length: tableRange.to - tableRange.from }, (_, place) => tableRange.from + place);
  return { memories, globals, tables, ...(obstacle === undefined ? {} : { snapshotObstacle: obstacle }) };
}
