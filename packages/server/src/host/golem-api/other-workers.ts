/** What a worker can learn of others, and do to them (spec/host-interfaces.md §7 to §9). */
import { enumeration, option, record, result, string, u64, unit, variant } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { DurableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { GolemApiHost, RevertWorkerTarget, UpdateMode, WorkerAnyFilter } from "../generated/golem-api-1.1/host.ts";
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { FunctionsOf, HostContext, MaybePromise } from "../interface.ts";
import { suspending, sync } from "../interface.ts";
import { forkFunction } from "./fork-record.ts";
import { getNextFunction, GetWorkers } from "./get-workers.ts";
import { fromWitWorkerId, toWitUuid, uuid, workerId } from "./types.ts";
import type { WitUuid, WitWorkerId } from "./types.ts";
import { metadata, toWitMetadata } from "./worker-metadata.ts";

/** What was refused is recorded, too, and traps again at replay. */
const done = result(unit, string);

const metadataFunction = durableFunction({
  name: "golem::api::get_worker_metadata",
  class: "remote-read",
  request: workerId,
  response: option(metadata),
});
const updateFunction = durableFunction({
  name: "golem::api::update-worker",
  class: "remote-write",
  request: record({
    workerId,
    componentVersion: u64,
    updateMode: enumeration("automatic", "snapshot-based"),
  }),
  response: done,
});
const revertFunction = durableFunction({
  name: "golem::api::revert_worker",
  class: "remote-write",
  request: record({
    workerId,
    target: variant({ "revert-to-oplog-index": u64, "revert-last-invocations": u64 }),
  }),
  response: done,
});
const forkWorkerFunction = durableFunction({
  name: "golem::api::fork_worker",
  class: "batched-remote-write",
  request: record({ source: workerId, target: workerId, oplogIdxCutOff: u64 }),
  response: done,
});
const resolveComponentFunction = durableFunction({
  name: "golem::api::resolve_component_id",
  class: "remote-read",
  request: record({ componentReference: string }),
  response: option(uuid),
});
const workerExistsFunction = durableFunction({
  name: "golem::api::resolve_worker_id_strict",
  class: "remote-read",
  request: workerId,
  response: option(workerId),
});

export const otherWorkersRecords = {
  "[method]get-workers.get-next": getNextFunction,
  "get-worker-metadata": metadataFunction,
  "update-worker": updateFunction,
  "revert-worker": revertFunction,
  "fork-worker": ["begin-remote-write", forkWorkerFunction, "end-remote-write"],
  fork: ["begin-remote-write", forkFunction, "end-remote-write"],
  "resolve-component-id": resolveComponentFunction,
  "resolve-worker-id": resolveComponentFunction,
  "resolve-worker-id-strict": [resolveComponentFunction, workerExistsFunction],
} as const;

type Functions = GolemApiHost["functions"];
type Done = { readonly tag: "ok"; readonly val: readonly [] } | { readonly tag: "err"; readonly val: string };

/** Refusals become values; what the store refuses ends the worker's run as everywhere. */
async function attempt(work: () => Promise<void>): Promise<Done> {
  try {
    await work();
    return { tag: "ok", val: [] };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "WorkerError") throw error;
    return { tag: "err", val: error.message };
  }
}

function trapRefusal(outcome: Done): void {
  if (outcome.tag === "err") throw new HostTrap(outcome.val);
}

/** `work` gets what names the operation at every attempt. */
async function performed<Request>(
  { durable, facts }: HostContext,
  declaration: DurableFunction<Request, Done>,
  request: Request,
  work: (operation: string | undefined) => Promise<void>,
): Promise<void> {
  const { operationId } = durable;
  const operation = operationId === undefined ? undefined : `${formatWorkerId(facts().id)}/${operationId}`;
  trapRefusal(await durable.callWaiting(declaration, request, () => attempt(() => work(operation))));
}

function resolveComponent({ durable, rpc }: HostContext, reference: string): MaybePromise<WitUuid | undefined> {
  if (reference.includes("/")) throw new HostTrap(`Cannot resolve "${reference}": it must be a component's name`);
  return durable.callWaiting(resolveComponentFunction, { componentReference: reference }, async () => {
    const id = await rpc.component(reference);
    return id === undefined ? undefined : toWitUuid(id);
  });
}

async function resolveWorker(
  context: HostContext,
  reference: string,
  workerName: string,
): Promise<WitWorkerId | undefined> {
  const componentId = await resolveComponent(context, reference);
  return componentId === undefined ? undefined : { componentId: { uuid: componentId }, workerName };
}

/** A fork that was begun before a crash may have been made: what it made is found. */
async function forkWorker(
  context: HostContext,
  source: WitWorkerId,
  target: WitWorkerId,
  cutOff: bigint,
): Promise<void> {
  const { durable, workers } = context;
  const batch = await durable.openBatch();
  const request = { source, target, oplogIdxCutOff: cutOff };
  const outcome = await batch.call(forkWorkerFunction, request, () =>
    attempt(() => {
      if (batch.interrupted) batch.assertRepeatable();
      const ids = { source: fromWitWorkerId(source), target: fromWitWorkerId(target) };
      return workers.fork({ ...ids, cutOff: Number(cutOff), repeated: batch.interrupted });
    }),
  );
  batch.end();
  trapRefusal(outcome);
}

async function forkSelf(context: HostContext, newName: string): Promise<"original" | "forked"> {
  const { durable, workers, facts } = context;
  const source = facts().id;
  const batch = await durable.openBatch();
  const side = await batch.call(forkFunction, { newName }, async () => {
    if (batch.interrupted) batch.assertRepeatable();
    const target = { componentId: source.componentId, workerName: newName };
    const self = { newName, beginIndex: batch.begin };
    const copy = { source, target, cutOff: batch.begin, repeated: batch.interrupted, self };
    const outcome = await attempt(() => workers.fork(copy));
    if (outcome.tag === "err") throw new HostTrap(outcome.val);
    return "original" as const;
  });
  batch.end();
  return side;
}

const revertKinds = { "revert-to-oplog-index": "oplog-index", "revert-last-invocations": "last-invocations" } as const;

function enumerationFunctions(
  context: HostContext,
): FunctionsOf<GolemApiHost, "[constructor]get-workers" | "[method]get-workers.get-next" | "get-worker-metadata"> {
  const { resources, durable, workers } = context;
  return {
    "[constructor]get-workers": sync(
      ({ uuid: componentId }: { readonly uuid: WitUuid }, filter: WorkerAnyFilter | undefined, _precise: boolean) =>
        resources.add(new GetWorkers(context, componentId, filter)),
    ),
    "[method]get-workers.get-next": suspending((self: number) => resources.get(self, GetWorkers).next()),
    "get-worker-metadata": suspending((id: WitWorkerId) =>
      durable.callWaiting(metadataFunction, id, async () => {
        const worker = fromWitWorkerId(id);
        // It may be the worker that asks, which is to be found as it is now.
        await durable.commit();
        const found = await workers.get(worker);
        return found === undefined ? undefined : toWitMetadata(worker, found);
      }),
    ),
  };
}

function resolveFunctions(
  context: HostContext,
): FunctionsOf<GolemApiHost, Extract<keyof Functions, `resolve-${string}`>> {
  const { durable, workers } = context;
  return {
    "resolve-component-id": suspending(async (reference: string) => {
      const id = await resolveComponent(context, reference);
      return id === undefined ? undefined : { uuid: id };
    }),
    "resolve-worker-id": suspending((reference: string, name: string) => resolveWorker(context, reference, name)),
    "resolve-worker-id-strict": suspending(async (reference: string, name: string) => {
      const id = await resolveWorker(context, reference, name);
      if (id === undefined) return undefined;
      return await durable.callWaiting(workerExistsFunction, id, async () =>
        (await workers.get(fromWitWorkerId(id))) === undefined ? undefined : id,
      );
    }),
  };
}

function lifeFunctions(
  context: HostContext,
): FunctionsOf<GolemApiHost, "update-worker" | "revert-worker" | "fork-worker" | "fork"> {
  const { workers, facts } = context;
  return {
    "update-worker": suspending((id: WitWorkerId, version: bigint, mode: UpdateMode) =>
      performed(context, updateFunction, { workerId: id, componentVersion: version, updateMode: mode }, (operation) =>
        workers.update(fromWitWorkerId(id), Number(version), mode, operation),
      ),
    ),
    "revert-worker": suspending(async (id: WitWorkerId, target: RevertWorkerTarget) => {
      const worker = fromWitWorkerId(id);
      const self = facts().id;
      // The call itself would be taken back with what it takes back, and made again for ever.
      if (worker.componentId === self.componentId && worker.workerName === self.workerName) {
        throw new HostTrap("A worker cannot revert itself");
      }
      const amount = Number(target.val);
      await performed(context, revertFunction, { workerId: id, target }, (operation) =>
        workers.revert(
          worker,
          revertKinds[target.tag] === "oplog-index"
            ? { kind: "oplog-index", index: amount }
            : { kind: "last-invocations", count: amount },
          operation,
        ),
      );
    }),
    "fork-worker": suspending((source: WitWorkerId, target: WitWorkerId, cutOff: bigint) =>
      forkWorker(context, source, target, cutOff),
    ),
    fork: suspending((newName: string) => forkSelf(context, newName)),
  };
}

export function otherWorkersFunctions(
  context: HostContext,
): FunctionsOf<GolemApiHost, keyof typeof otherWorkersRecords | "[constructor]get-workers"> {
  return { ...enumerationFunctions(context), ...resolveFunctions(context), ...lifeFunctions(context) };
}
