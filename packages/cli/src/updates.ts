/** Updates of many workers, and waiting for their outcomes. */
import { setTimeout as delay } from "node:timers/promises";
import type { EmetClient, WorkerId } from "@emet/contract/client";
import { Progress } from "./output/progress.ts";

export type UpdateOutcome =
  | { readonly kind: "triggered" | "updated" }
  | { readonly kind: "failed"; readonly details: string };

const parallelMax = 16;
const pollMsMin = 50;
const pollMsMax = 2000;

/** Waits until the worker's update to a version has an outcome; `after` is how many updates it had before. */
export async function awaitUpdate(
  emet: EmetClient,
  id: WorkerId,
  { targetVersion, after }: { readonly targetVersion: number; readonly after: number },
): Promise<UpdateOutcome> {
  for (let pause = pollMsMin; ; pause = Math.min(pollMsMax, pause * 1.5)) {
    const { updates, componentVersion } = await emet.workers.get(id);
    const ours = updates.filter((update) => update.targetVersion === targetVersion);
    const pending = ours.some(({ type }) => type === "pendingUpdate");
    const last = ours.findLast(({ type }) => type !== "pendingUpdate");
    if (!pending && updates.length > after) {
      if (componentVersion === targetVersion) return { kind: "updated" };
      if (last?.type === "failedUpdate") return { kind: "failed", details: last.details ?? "no details" };
    }
    await delay(pause);
  }
}

/** Works on all of them, a few at a time, with a progress bar. */
export async function inParallel<T, R>(
  label: string,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  using progress = new Progress(label);
  const results: R[] = [];
  let next = 0;
  let done = 0;
  progress.update(0, items.length);
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T);
      done += 1;
      progress.update(done, items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelMax, items.length) }, lane));
  return results;
}
