/** All that makes up a loaded worker between two invocations, apart from its oplog. */
import type { HandleTableState } from "@emet/component";
import type { SavedExecution } from "../../durability/durable-execution.ts";
import type { SavedResources } from "../../host/saved-resources.ts";
import { NotSavableError, Restorer, Saver } from "../../host/saved-resources.ts";
import type { SavedFiles } from "../../host/wasi-filesystem/saved-files.ts";
import { restoreFiles, saveFiles } from "../../host/wasi-filesystem/saved-files.ts";
import type { SavedExportedResources } from "../exported-resources.ts";
import type { WorkerInstance } from "../instance.ts";
import type { FreshImage } from "./fresh-image.ts";
import type { SavedMemory } from "./memory-pages.ts";
import { restoreMemory, saveMemory } from "./memory-pages.ts";

interface Part<State> {
  readonly path: string;
  readonly state: State;
}

export interface SavedInstance {
  readonly memories: readonly Part<SavedMemory>[];
  readonly globals: readonly Part<number | bigint>[];
  readonly handles: readonly Part<HandleTableState>[];
  readonly fuelUsed: number;
  readonly exported: SavedExportedResources;
  readonly resources: SavedResources;
  /** Undefined where no file was ever looked for. */
  readonly files: SavedFiles | undefined;
  readonly execution: SavedExecution;
  readonly forwardsHeaders: boolean;
}

const noImage = new Uint8Array(0);

/** Of an instance that is live and between invocations. Throws `NotSavableError`. */
export function saveInstance(instance: WorkerInstance, fresh: FreshImage): SavedInstance {
  const { context, image, component, exported } = instance;
  const state = component.state();
  if (state.obstacle !== undefined) throw new NotSavableError(state.obstacle);
  if (context.durable.hasOpenRegions) throw new NotSavableError("an atomic region or a batch of writes is open");
  const saver = new Saver();
  const resources = saver.save(context.resources);
  return {
    memories: state.memories.map(({ path, part }) => ({ path, state: saveMemory(part, fresh.get(path) ?? noImage) })),
    globals: state.globals.map(({ path, part }) => ({ path, state: numberOf(part.value) })),
    handles: state.handles.map(({ path, part }) => ({ path, state: part.save() })),
    fuelUsed: component.fuelUsed(),
    exported: exported.save(),
    resources,
    files: context.usedFiles === undefined ? undefined : saveFiles(context.usedFiles, saver.nodes, image.files),
    execution: context.durable.save(),
    forwardsHeaders: context.trace.forwardsHeaders,
  };
}

/** Whether all that the guest has open at the host can be made anew. */
export function hasSavableResources({ context }: WorkerInstance): boolean {
  try {
    new Saver().save(context.resources);
    return true;
  } catch (error) {
    if (error instanceof NotSavableError) return false;
    throw error;
  }
}

/** JavaScript has one NaN only: the bits of a global's would be lost. */
function numberOf(value: unknown): number | bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw new NotSavableError("a global holds NaN");
}

/** Makes a fresh instance what was saved. Throws when it doesn't fit; the instance must not be used then. */
export function restoreInstance(instance: WorkerInstance, saved: SavedInstance, fresh: FreshImage): void {
  const { context, image, component, exported } = instance;
  const state = component.state();
  for (const [part, memory] of paired(state.memories, saved.memories)) {
    restoreMemory(part.part, memory, fresh.get(part.path) ?? noImage);
  }
  for (const [{ part }, value] of paired(state.globals, saved.globals)) part.value = value;
  for (const [{ part }, handles] of paired(state.handles, saved.handles)) part.restore(handles);
  component.continueFuelFrom(saved.fuelUsed);
  exported.restore(saved.exported);
  // What the start function has opened is among what comes back, unless the guest has dropped it.
  context.resources.closeAll();
  const nodes = saved.files === undefined ? new Map() : restoreFiles(context.files, saved.files, image.files);
  new Restorer(context, saved.resources, nodes).restore(context.resources, saved.resources);
  context.durable.restore(saved.execution);
  context.trace.forwardsHeaders = saved.forwardsHeaders;
}

function paired<P extends { readonly path: string }, State>(
  parts: readonly P[],
  saved: readonly Part<State>[],
): readonly (readonly [P, State])[] {
  if (parts.length !== saved.length) throw new Error("the saved instance has other parts");
  return parts.map((part, position) => {
    const found = saved[position];
    if (found?.path !== part.path) throw new Error(`the saved instance has no ${part.path}`);
    return [part, found.state];
  });
}
