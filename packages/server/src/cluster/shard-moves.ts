/**
 * Moves shards from one executor to another while both run. First requests for them wait on the main thread; then the old
 * owner lets their workers finish and leave memory; then the store gives the shards a later epoch, in which nothing of the
 * old owner is taken any more; at last the new one gets them, and what waited. An executor that dies in the midst of it
 * either still owns them, and its successor does, or has given them back for good. Nothing of this is durable: after a
 * start all shards are where they begin.
 */
import { shardOf } from "../platform/worker-shards.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Request } from "../worker/messages.ts";
import { tryUntilDone } from "../worker/recoveries.ts";
import type { ShardsReleased } from "../worker/shard-release.ts";
import type { ExecutorPort } from "./executor-port.ts";
import { repeatable } from "./executor-port.ts";
import type { Routes } from "./routes.ts";
import type { Placement } from "./shards.ts";

/** How long requests for a shard may wait for what is under way in it. */
const releaseMsMax = 100;

export interface ShardMove {
  readonly from: number;
  readonly to: number;
  readonly shards: readonly number[];
}

export interface ShardMoverOptions {
  readonly ports: readonly ExecutorPort[];
  readonly routes: Routes;
  readonly placement: Placement;
  /** Durable when it resolves. */
  readonly acquireEpoch: (shards: readonly number[]) => Promise<number>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** They read what is durable, or change it where it lies: any executor can do that at any time. */
export const doneAnywhere: ReadonlySet<Request["kind"]> = new Set(["read-oplog", "dry-run", "complete-promise"]);

/** The worker that a request is for. */
export function workerOf(request: Request): WorkerId | undefined {
  if ("worker" in request) return request.worker;
  return request.kind === "complete-promise" ? request.promise.worker : undefined;
}

export class ShardMover {
  readonly #options: ShardMoverOptions;

  constructor(options: ShardMoverOptions) {
    this.#options = options;
  }

  /** Returns those that have moved; the others stay where they are. */
  async move({ from, to, shards }: ShardMove): Promise<readonly number[]> {
    const { ports, routes, placement, acquireEpoch, sleep, signal } = this.#options;
    const [source, target] = [ports[from], ports[to]];
    if (source === undefined || target === undefined) throw new Error(`there is no executor ${from} or ${to}`);
    routes.hold(shards);
    const released = await this.#release(source, shards).catch((): ShardsReleased => ({ shards: [], unfinished: [] }));
    const left = new Set(released.shards);
    const stay = shards.filter((shard) => !left.has(shard));
    routes.open(stay, source);
    if (left.size === 0) return [];
    placement.give(released.shards, undefined);
    // What it had already goes before what came since.
    await source.cleared((request) => concerns(request, left));
    let epoch = 0;
    const acquire = async (): Promise<void> => {
      epoch = await acquireEpoch(released.shards);
    };
    if (!(await tryUntilDone(acquire, { sleep, signal }))) return [];
    placement.give(released.shards, to);
    // Should the thread have ended, the next one gets these first; or it owns the shards from its start.
    target.request({ kind: "own-shards", shards: released.shards, epoch }).catch(() => undefined);
    for (const worker of released.unfinished) {
      target.request({ kind: "recover", worker }).catch(() => undefined);
    }
    routes.open(released.shards, target);
    return released.shards;
  }

  /** Rejects when the executor dies meanwhile. */
  async #release(source: ExecutorPort, shards: readonly number[]): Promise<ShardsReleased> {
    const { sleep } = this.#options;
    const all = new Set(shards);
    const waited = new AbortController();
    // What can't be repeated must have been answered.
    const cleared = source.cleared((request) => !repeatable.has(request.kind) && concerns(request, all));
    const inTime = await Promise.race([cleared.then(() => true), sleep(releaseMsMax, waited.signal).then(() => false)]);
    waited.abort();
    if (!inTime) return { shards: [], unfinished: [] };
    return (await source.request({ kind: "release-shards", shards, withinMs: releaseMsMax })) as ShardsReleased;
  }
}

function concerns(request: Request, shards: ReadonlySet<number>): boolean {
  if (doneAnywhere.has(request.kind)) return false;
  const worker = workerOf(request);
  return worker !== undefined && shards.has(shardOf(worker));
}
