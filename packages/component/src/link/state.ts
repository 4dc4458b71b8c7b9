/** Access to the state of an idle instance, for snapshots. */
import type { ResourceType } from "../canonical/component-state.ts";
import type { HandleTable } from "../canonical/handles.ts";
import type { CoreGlobal, CoreMemory, CoreTable } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { reservedExports } from "../rewrite/names.ts";
import type { LinkedCore, Linker } from "./linker.ts";

/** A part of the state with a path that is the same in every instance of the same component. */
export interface StatePart<Part> {
  /** `core/3/memory/0`: memory 0 of the fourth core module instantiated; `component/1/handles`: a handle table. */
  readonly path: string;
  readonly part: Part;
}

/** The state of an instance, as live objects: reading them saves, writing them restores. */
export interface InstanceState {
  readonly memories: readonly StatePart<CoreMemory>[];
  readonly globals: readonly StatePart<CoreGlobal>[];
  readonly tables: readonly StatePart<CoreTable>[];
  readonly handles: readonly StatePart<HandleTable>[];
  /** All resource types; a type's id in handle tables is its position plus one. */
  readonly resources: readonly ResourceType[];
  /** Why the state can't be saved and restored; absent when it can. */
  readonly obstacle?: string;
}

/** The state of what a linker has linked. */
export function stateOf(linker: Linker): InstanceState {
  const parts = <Part>(
    kind: "memory" | "global" | "table",
    indices: (core: LinkedCore) => readonly number[],
  ): readonly StatePart<Part>[] =>
    linker.cores.flatMap((core, position) =>
      indices(core).map((index) => ({
        path: `core/${position}/${kind}/${index}`,
        part: core.exports[reservedExports[kind](index)] as Part,
      })),
    );
  const obstacle = linker.cores.map((core) => core.summary.snapshotObstacle).find((one) => one !== undefined);
  return {
    memories: parts<CoreMemory>("memory", ({ summary }) => summary.memories.map((memory) => memory.index)),
    globals: parts<CoreGlobal>("global", ({ summary }) => summary.globals),
    tables: parts<CoreTable>("table", ({ summary }) => summary.tables),
    handles: linker.guest.states.map(({ handles }, position) => ({
      path: `component/${position}/handles`,
      part: handles,
    })),
    resources: linker.resources,
    ...(obstacle !== undefined && { obstacle }),
  };
}

/** All linear memories that can be seen, each once. */
export function memoriesOf(linker: Linker): readonly CoreMemory[] {
  const memories = linker.cores.flatMap(({ exports }) => Object.values(exports).filter(isMemory));
  return [...new Set(memories)];
}

/** All tables that can be seen, each once. */
export function tablesOf(linker: Linker): readonly CoreTable[] {
  const tables = linker.cores.flatMap(({ exports }) => Object.values(exports).filter(isTable));
  return [...new Set(tables)];
}

function isTable(value: unknown): value is CoreTable {
  return value instanceof (WebAssembly.Table as unknown as new () => object);
}

function isMemory(value: unknown): value is CoreMemory {
  return (value as { readonly buffer?: unknown } | null)?.buffer instanceof ArrayBuffer;
}
