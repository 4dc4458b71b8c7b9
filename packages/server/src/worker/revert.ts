/** Taking back what a worker has done since an earlier moment (spec/host-interfaces.md §9). */
import { isDeepStrictEqual } from "node:util";
import { activePluginsWithout } from "../durability/active-plugins.ts";
import { isDeleted } from "../durability/deleted-regions.ts";
import { framesOf } from "../durability/oplog/decode-entry.ts";
import type { OplogRegion, PluginDescription } from "../durability/oplog/entry-types.ts";
import type { OplogChunk } from "../durability/oplog-store.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import { invalidRequest } from "./worker-error.ts";

export type RevertTarget =
  /** The last entry that stays. */
  | { readonly kind: "oplog-index"; readonly index: number }
  | { readonly kind: "last-invocations"; readonly count: number };

/** Ends the run under way for the sake of a revert. */
export class RevertSignal extends Error {
  override readonly name = "RevertSignal";
  readonly target: RevertTarget;
  /** Whose wish it is; done already, it isn't done again. */
  readonly operation: string | undefined;
  /** Settled when the revert is durable, or refused. */
  readonly done: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(target: RevertTarget, operation: string | undefined) {
    super("reverted");
    this.target = target;
    this.operation = operation;
  }

  /** Resolves when it is durable or refused. */
  get settled(): Promise<void> {
    return this.done.promise.catch(() => undefined);
  }
}

/**
 * What the revert voids. What a version recorded when it began with a snapshot belongs to that update: a revert to the
 * midst of it goes back to before. Throws `WorkerError` for a target that can't be reached.
 */
export function revertedRegion(chunks: readonly OplogChunk[], state: WorkerState, target: RevertTarget): OplogRegion {
  const last = target.kind === "oplog-index" ? target.index : beforeInvocations(chunks, state, target.count);
  if (!Number.isSafeInteger(last) || last < 1 || last > state.lastIndex) {
    throw invalidRequest(`Cannot revert to oplog index ${last}: the oplog has the indices 1 to ${state.lastIndex}`);
  }
  if (isDeleted(state.deletedRegions, last)) {
    throw invalidRequest(`Attempted to revert to a deleted region in oplog to index ${last}`);
  }
  const midst = state.snapshots.find(({ index, since }) => index < last && last < since);
  return { start: (midst?.index ?? last) + 1, end: state.lastIndex };
}

/** The plugins that the revert makes the active ones; undefined if it changes nothing of that. */
export function pluginsAfterRevert(
  { activePlugins, pluginChanges }: WorkerState,
  region: OplogRegion,
): readonly PluginDescription[] | undefined {
  const then = activePluginsWithout(pluginChanges, region);
  return isDeepStrictEqual(then, activePlugins) ? undefined : then;
}

function beforeInvocations(chunks: readonly OplogChunk[], state: WorkerState, count: number): number {
  const invoked: number[] = [];
  for (const chunk of chunks) {
    for (const { kind, index } of framesOf(chunk)) {
      if (kind === "exported-function-invoked" && !isDeleted(state.deletedRegions, index)) invoked.push(index);
    }
  }
  const first = count > 0 ? invoked.at(-count) : undefined;
  if (first === undefined) {
    throw invalidRequest(`Could not find ${count} invocations to revert`);
  }
  return first - 1;
}
