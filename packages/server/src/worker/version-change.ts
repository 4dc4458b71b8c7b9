/**
 * A worker's change to another version of its component. Until the new version has come to the end of the worker's
 * history nothing has changed; if it doesn't come there, the old one goes on.
 */
import { formatJson, typeToJson } from "@emet/contract";
import type { ValueType } from "@emet/component";
import type { ComponentImage } from "../component/component-image.ts";
import { decodeEntry, framesOf } from "../durability/oplog/decode-entry.ts";
import type { PendingUpdate, WorkerState } from "../durability/worker-state.ts";
import { snapshotIndex, versionAt } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import { invocationTarget } from "./invocation-target.ts";
import type { WorkerServices } from "./services.ts";
import { badRequest, golemError, invalidRequest, WorkerError } from "./worker-error.ts";

export type UpdateMode = "automatic" | "snapshot-based";

/** What somebody wants a worker to become. */
export interface UpdateWish {
  readonly targetVersion: number;
  readonly mode: UpdateMode;
  /** Of the worker that asks for it: asked for again, it is done once. */
  readonly operation?: string | undefined;
  /** With a snapshot goes what the worker has made of its files. */
  readonly keepFiles?: boolean | undefined;
}

/** The version that an update leads to. Throws `WorkerError` where there is no such update. */
export async function updateTarget(
  worker: WorkerId,
  currentVersion: number,
  targetVersion: number,
  services: Pick<WorkerServices, "image">,
): Promise<ComponentImage> {
  const image = await imageOf(worker, currentVersion, services);
  if (image.componentType === "Ephemeral") throw invalidRequest(notEphemeral);
  const target = await services.image(worker.componentId, targetVersion);
  if (target === undefined) throw noSuchVersion(worker.componentId, targetVersion);
  if (target.componentType === "Ephemeral") throw invalidRequest(notEphemeral);
  return target;
}

export function noSuchVersion(componentId: string, version: number): WorkerError {
  return badRequest(`Component ${componentId} has no version ${version}`);
}

const notEphemeral = "Ephemeral workers cannot be updated";

/** Throws `WorkerError` for an update that has happened or is under way. */
export function refuseRepeated(state: WorkerState, targetVersion: number): void {
  if (targetVersion === state.componentVersion) throw invalidRequest("Worker is already at the target version");
  const pending =
    state.pendingUpdates.some((update) => update.targetVersion === targetVersion) ||
    state.pending.some(
      ({ invocation }) => invocation.tag === "manualUpdate" && invocation.val.targetVersion === targetVersion,
    );
  if (pending) throw invalidRequest("The same update is already in progress");
}

/** How the next instance of a worker is to be loaded. */
export interface LoadPlan {
  readonly image: ComponentImage;
  /** What the instance begins with instead of the history before `snapshotIndex`. */
  readonly snapshot: Uint8Array | undefined;
  /** Up to there nothing is replayed. */
  readonly snapshotIndex: number | undefined;
  readonly carriedFiles: Uint8Array | undefined;
  /** The update that this load is the attempt of. */
  readonly update: PendingUpdate | undefined;
}

type SnapshotPlan = Pick<LoadPlan, "snapshot" | "snapshotIndex" | "carriedFiles">;

/** With an update pending its version is tried. */
export async function loadPlan(worker: WorkerId, state: WorkerState, services: WorkerServices): Promise<LoadPlan> {
  const [update] = state.pendingUpdates;
  const image = await imageOf(worker, update?.targetVersion ?? state.componentVersion, services);
  if (image.componentType === "Ephemeral") {
    const none = { snapshot: undefined, carriedFiles: undefined, update: undefined };
    return { image, snapshotIndex: state.lastIndex, ...none };
  }
  if (update?.snapshotBased !== true) return { image, update, ...(await snapshotPlan(worker, state, services)) };
  return { image, update, ...(await readSnapshot(worker, update.index, services)) };
}

/** What the history that is to be replayed begins with. */
export async function snapshotPlan(
  worker: WorkerId,
  state: WorkerState,
  services: WorkerServices,
): Promise<SnapshotPlan> {
  const index = snapshotIndex(state);
  if (index === undefined) return { snapshot: undefined, snapshotIndex: undefined, carriedFiles: undefined };
  return await readSnapshot(worker, index, services);
}

export async function imageOf(
  { componentId }: WorkerId,
  version: number,
  { image }: Pick<WorkerServices, "image">,
): Promise<ComponentImage> {
  const found = await image(componentId, version);
  if (found !== undefined) return found;
  throw golemError({ type: "Unknown", details: `version ${version} of component ${componentId} is missing` });
}

async function readSnapshot(worker: WorkerId, index: number, services: WorkerServices): Promise<SnapshotPlan> {
  const { chunks } = await services.oplogs.read(worker, index, 1);
  for (const chunk of chunks) {
    for (const record of framesOf(chunk)) {
      if (record.index !== index) continue;
      const entry = decodeEntry(record, services.blobs.getSync);
      if (entry.kind === "pending-update" && entry.fields.description.tag === "snapshotBased") {
        return {
          snapshot: entry.fields.description.val,
          snapshotIndex: index,
          carriedFiles: entry.fields.files,
        };
      }
    }
  }
  throw golemError({ type: "Unknown", details: `the snapshot at oplog index ${index} is missing` });
}

/** Records hold values without their types: what a version wrote only another one with the same types can read. */
export class RecordedTypes {
  readonly #worker: WorkerId;
  readonly #state: WorkerState;
  readonly #services: Pick<WorkerServices, "image">;

  constructor(worker: WorkerId, state: WorkerState, services: Pick<WorkerServices, "image">) {
    this.#worker = worker;
    this.#state = state;
    this.#services = services;
  }

  /** The version that wrote the record at `index`. */
  versionAt(index: number): number {
    return versionAt(this.#state, index);
  }

  /** The target by the types of the version that wrote the record at `index`. */
  async targetAt(index: number, functionName: string): Promise<InvocationTarget> {
    return invocationTarget(await imageOf(this.#worker, versionAt(this.#state, index), this.#services), functionName);
  }

  /** Throws `WorkerError` when the version of `image` can't read what `version` has written. */
  async check(target: InvocationTarget, image: ComponentImage, version: number): Promise<void> {
    if (version === image.version) return;
    const recorded = invocationTarget(await imageOf(this.#worker, version, this.#services), target.functionName);
    const same =
      sameTypes(recorded.parametersType, target.parametersType) && sameTypes(recorded.resultsType, target.resultsType);
    if (same) return;
    const details = `the parameters or results of ${target.functionName} differ between versions ${version} and ${image.version}`;
    throw golemError({ type: "ParamTypeMismatch", details });
  }
}

function sameTypes(left: ValueType, right: ValueType): boolean {
  return formatJson(typeToJson(left)) === formatJson(typeToJson(right));
}
