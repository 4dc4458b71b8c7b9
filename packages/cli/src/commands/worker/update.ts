import type { ComponentJson, DryRun, EmetClient, WorkerId, WorkerUpdate } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { CommandError, usageError } from "../../failure.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { fields, table } from "../../output/text.ts";
import { defaultComponent, findWorker, workerUrn } from "../../references.ts";
import type { Session } from "../../session.ts";
import { awaitUpdate, inParallel } from "../../updates.ts";
import type { UpdateOutcome } from "../../updates.ts";

const modes: { readonly [mode: string]: WorkerUpdate["mode"] } = { auto: "Automatic", manual: "Manual" };

export const command = defineCommand({
  summary: "bring workers to another version of their component",
  details:
    "auto replays what the worker did on the new version, and leaves the worker on the old one where they differ; manual has the " +
    "old version save a snapshot that the new one loads. --dry-run tells what auto would come to, without touching the worker.",
  arguments: { worker: { ...workerArgument, optional: true } },
  options: {
    component: componentOption,
    all: { kind: "flag", summary: "all workers of the component" },
    filter: { kind: "list", short: "f", value: "filter", summary: "with --all, only such workers; repeatable" },
    targetVersion: { kind: "integer", short: "t", value: "version", summary: "which version (default: the latest)" },
    mode: { kind: "text", short: "m", value: "mode", choices: ["auto", "manual"], summary: "how (default: auto)" },
    keepFiles: { kind: "flag", summary: "with manual, carry the worker's files over, too" },
    wait: { kind: "flag", summary: "wait for the outcome" },
    dryRun: { kind: "flag", summary: "only tell what would happen" },
  },
  examples: [
    { line: "emet worker update cart/cart-1 --dry-run", summary: "Would it work?" },
    { line: "emet worker update cart/cart-1 --wait", summary: "Update one worker to the latest version." },
    { line: 'emet worker update --all -c cart -f "version < 2" --wait', summary: "All workers on older versions." },
  ],
  run: async ({ args, options, session }) => {
    if (options.all === (args.worker !== undefined))
      throw usageError("name a worker, or all of a component with --all -c COMPONENT");
    const mode = modes[options.mode ?? "auto"] ?? "Automatic";
    if (options.keepFiles && mode !== "Manual") throw usageError("--keep-files is for --mode manual");
    const keepFiles = options.keepFiles ? { keepFiles: true } : {};
    if (args.worker !== undefined) {
      const { id, component } = await findWorker(session, args.worker, options.component);
      const targetVersion = options.targetVersion ?? component.versionedComponentId.version;
      if (options.dryRun) return await showDryRun(session, id, targetVersion);
      return await updateOne(session, { id, component, wait: options.wait }, { mode, targetVersion, ...keepFiles });
    }
    const component = await defaultComponent(session, options.component);
    const targetVersion = options.targetVersion ?? component.versionedComponentId.version;
    const filters = [...options.filter, `version != ${targetVersion}`];
    const ids = await workerIds(session.emet, component, filters);
    if (options.dryRun) return await showDryRuns(session, ids, targetVersion);
    await updateAll(session, { ids, wait: options.wait }, { mode, targetVersion, ...keepFiles });
  },
});

async function workerIds(emet: EmetClient, component: ComponentJson, filters: readonly string[]): Promise<WorkerId[]> {
  const ids: WorkerId[] = [];
  const { componentId } = component.versionedComponentId;
  for await (const { workerId } of emet.workers.list(componentId, { filters, count: 1000 })) ids.push(workerId);
  return ids;
}

async function updateOne(
  { emet, out }: Session,
  { id, component, wait }: { readonly id: WorkerId; readonly component: ComponentJson; readonly wait: boolean },
  update: WorkerUpdate,
): Promise<void> {
  const name = `${component.componentName}/${id.workerName}`;
  const outcome = await updateWorker(emet, { id, wait }, update);
  if (outcome.kind === "failed") throw new CommandError(`${name} stays on its version: ${outcome.details}`);
  out.note(
    outcome.kind === "updated" ? `${name} is on version ${update.targetVersion}` : `The update of ${name} is accepted`,
  );
  await out.result({ triggered: [workerUrn(id)], failed: [] }, () => "");
}

/** Asking fails as the update may: both are outcomes. */
async function updateWorker(
  emet: EmetClient,
  { id, wait }: { readonly id: WorkerId; readonly wait: boolean },
  update: WorkerUpdate,
): Promise<UpdateOutcome> {
  const startedAt = (await emet.workers.get(id)).updates.length;
  await emet.workers.update(id, update);
  return wait
    ? await awaitUpdate(emet, id, { targetVersion: update.targetVersion, after: startedAt })
    : { kind: "triggered" };
}

async function updateAll(
  { emet, out }: Session,
  { ids, wait }: { readonly ids: readonly WorkerId[]; readonly wait: boolean },
  update: WorkerUpdate,
): Promise<void> {
  const outcomes = await inParallel("Updating", ids, async (id): Promise<UpdateOutcome> => {
    try {
      return await updateWorker(emet, { id, wait }, update);
    } catch (error) {
      return { kind: "failed", details: error instanceof Error ? error.message : String(error) };
    }
  });
  const failed = ids.flatMap((id, index) => {
    const outcome = outcomes[index];
    return outcome?.kind === "failed" ? [{ id, details: outcome.details }] : [];
  });
  const failedNames = new Set(failed.map(({ id }) => id.workerName));
  const triggered = ids.filter(({ workerName }) => !failedNames.has(workerName));
  await out.result({ triggered: triggered.map(workerUrn), failed: failed.map(({ id }) => workerUrn(id)) }, () =>
    failed.length === 0
      ? ""
      : table(
          [{ title: "worker" }, { title: "why not updated" }],
          failed.map(({ id, details }) => [id.workerName, details.split("\n")[0] ?? ""]),
        ),
  );
  out.note(
    `${triggered.length} ${wait ? "updated to" : "asked to update to"} version ${update.targetVersion}, ${failed.length} failed`,
  );
  if (failed.length > 0) throw new CommandError(`${failed.length} of ${ids.length} workers were not updated`);
}

async function showDryRun({ emet, out }: Session, id: WorkerId, targetVersion: number): Promise<void> {
  const run = await emet.workers.updateDryRun(id, targetVersion);
  await out.result(run, () =>
    fields([
      ["Outcome", run.outcome, run.outcome === "Compatible" ? "green" : "red"],
      ["From version", run.currentVersion],
      ["To version", run.targetVersion],
      ["Replayed", `${run.replayedUntil} of ${run.lastIndex} entries`],
      ["Differs at entry", run.divergence?.oplogIndex],
      ["Expected", run.divergence?.expected],
      ["Found", run.divergence?.found],
      ["Details", run.details],
    ]),
  );
}

async function showDryRuns({ emet, out }: Session, ids: readonly WorkerId[], targetVersion: number): Promise<void> {
  const runs = await inParallel("Trying", ids, (id): Promise<DryRun> => emet.workers.updateDryRun(id, targetVersion));
  const data = runs.map((run, index) => ({
    workerUrn: workerUrn(ids[index] ?? { componentId: "", workerName: "" }),
    ...run,
  }));
  const rows = runs.map((run, index) => [
    ids[index]?.workerName ?? "",
    run.currentVersion,
    run.outcome,
    run.divergence?.oplogIndex ?? "",
    (run.details ?? "").split("\n")[0] ?? "",
  ]);
  const titles = ["worker", "version", "outcome", "differs at", "details"];
  await out.result(data, () =>
    table(
      titles.map((title) => ({ title })),
      rows,
    ),
  );
  out.note(
    `${runs.filter(({ outcome }) => outcome === "Compatible").length} of ${runs.length} workers would be updated`,
  );
}
