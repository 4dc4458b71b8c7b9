/** golem:api/save-snapshot and load-snapshot: what a guest exports to carry its state to another version of itself. */
import type { Value } from "@emet/component";
import { serves } from "@emet/component";
import { HostTrap } from "../durability/errors.ts";
import type { WorkerInstance } from "./instance.ts";

/** Newest first. */
const versions = ["1.1.7", "0.2.2"];

const notExported = {
  save: "save-snapshot is not exported",
  load: "Failed to find exported load-snapshot function",
} as const;

interface SnapshotResult {
  readonly tag: "ok" | "err";
  readonly val?: string;
}

/** Both run apart from the worker's history, so that a replay need not repeat them. */
async function call(instance: WorkerInstance, name: "save" | "load", parameters: readonly Value[]): Promise<unknown> {
  const { functions } = instance.image;
  const found = functions.find(
    (item) =>
      item.name === name &&
      versions.some((version) => serves(`golem:api/${name}-snapshot@${version}`, item.interface ?? "")),
  );
  if (found === undefined) throw new HostTrap(notExported[name]);
  return await instance.context.durable.unrecorded(() => instance.callExport(found, parameters));
}

/** What the guest wants to be kept. */
export async function saveSnapshot(instance: WorkerInstance): Promise<Uint8Array> {
  return (await call(instance, "save", [])) as Uint8Array;
}

/** Throws when the guest refuses it. */
export async function loadSnapshot(instance: WorkerInstance, snapshot: Uint8Array): Promise<void> {
  const result = (await call(instance, "load", [snapshot])) as SnapshotResult;
  if (result.tag === "err")
    throw new HostTrap(`Manual update failed to load snapshot: ${result.val ?? "it was refused"}`);
}
