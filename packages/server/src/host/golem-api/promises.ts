/** Promises (spec/host-interfaces.md §5): created by a worker, completed once by anyone who has the id. */
import { bool, bytes, option, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap, SuspendSignal } from "../../durability/errors.ts";
import type { GolemApiHost } from "../generated/golem-api-1.1/host.ts";
import type { FunctionsOf, HostContext, PromiseReference } from "../interface.ts";
import { suspending } from "../interface.ts";
import { fromWitPromiseId, promiseId, toWitWorkerId } from "./types.ts";
import type { WitPromiseId } from "./types.ts";

const complete = durableFunction({
  name: "golem:api::complete_promise",
  class: "local-write",
  request: promiseId,
  response: bool,
});
const remove = durableFunction({
  name: "golem:api::delete_promise",
  class: "local-write",
  request: promiseId,
  response: unit,
});
const awaitCompletion = durableFunction({
  name: "golem::api::await_promise",
  class: "remote-read",
  request: promiseId,
  response: bytes,
});
const poll = durableFunction({
  name: "golem::api::poll_promise",
  class: "remote-read",
  request: promiseId,
  response: option(bytes),
});

export const promiseRecords = {
  "create-promise": "no-op",
  "await-promise": awaitCompletion,
  "poll-promise": poll,
  "complete-promise": complete,
  "delete-promise": remove,
} as const;

function notFound(id: PromiseReference): HostTrap {
  return new HostTrap(`Promise not found: ${id.worker.componentId}/${id.worker.workerName}/${id.oplogIndex}`);
}

/** The payload if it is complete; traps for an unknown promise. */
async function payload(context: HostContext, id: PromiseReference): Promise<Uint8Array | undefined> {
  const state = await context.promises.get(id);
  if (state === undefined) throw notFound(id);
  return state.kind === "completed" ? state.data : undefined;
}

type PromiseFunction = Extract<keyof GolemApiHost["functions"], `${string}-promise`>;

export function promiseFunctions(context: HostContext): FunctionsOf<GolemApiHost, PromiseFunction> {
  const { durable, promises, facts } = context;
  return {
    "create-promise": suspending(async () => {
      const oplogIndex = durable.mark("no-op", {});
      const { id } = facts();
      // A crash between the record and the creation must not lose the promise: a replay that ends here creates it. A
      // later record shows that it was created, and perhaps deleted since.
      if (durable.live) await promises.create({ worker: id, oplogIndex });
      return { workerId: toWitWorkerId(id), oplogIdx: BigInt(oplogIndex) };
    }),
    "await-promise": suspending((witId: WitPromiseId) => {
      const id = fromWitPromiseId(witId);
      return durable.callWaiting(awaitCompletion, witId, async () => {
        const data = await payload(context, id);
        if (data === undefined) throw new SuspendSignal({ promise: id });
        return data;
      });
    }),
    "poll-promise": suspending((witId: WitPromiseId) =>
      durable.callWaiting(poll, witId, () => payload(context, fromWitPromiseId(witId))),
    ),
    "complete-promise": suspending((witId: WitPromiseId, data: Uint8Array) =>
      durable.callWaiting(complete, witId, async () => {
        const id = fromWitPromiseId(witId);
        const completed = await promises.complete(id, data);
        if (completed === undefined) throw notFound(id);
        return completed;
      }),
    ),
    "delete-promise": suspending(async (witId: WitPromiseId) => {
      await durable.callWaiting(remove, witId, async () => {
        await promises.delete(fromWitPromiseId(witId));
        return [] as const;
      });
    }),
  };
}
