/** golem:rpc's calls as a worker makes them. */
import type { Before } from "../durability/durable-execution.ts";
import type { Caller } from "../durability/oplog/entry-types.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { Creator, PendingCall, RemoteCall, RpcAccess, RpcError } from "../host/interface.ts";
import { err, ok } from "../host/results.ts";
import type { Result } from "../host/results.ts";
import type { WitValue } from "../host/golem-rpc/wit-value.ts";
import { scheduledTimer, scheduledTimerName } from "./scheduled-call.ts";
import type { WorkerServices } from "./services.ts";
import { toErrorData } from "./worker-error.ts";
import type { WorkerErrorData } from "./worker-error.ts";

type GolemErrorType = Extract<WorkerErrorData, { readonly kind: "golem" }>["error"]["type"];

/** What isn't named here is the other side's own failure. */
const errorTags: { readonly [T in GolemErrorType]?: RpcError["tag"] } = {
  WorkerNotFound: "not-found",
  WorkerAlreadyExists: "denied",
  InvalidRequest: "protocol-error",
  ParamTypeMismatch: "protocol-error",
  ValueMismatch: "protocol-error",
};

/** spec/host-interfaces.md §12.3. */
export function toRpcError(error: unknown): RpcError {
  const data = toErrorData(error);
  const val = error instanceof Error ? error.message : String(error);
  if (data.kind === "not-found") return { tag: "not-found", val };
  if (data.kind === "denied") return { tag: "denied", val };
  if (data.kind === "bad-request") return { tag: "protocol-error", val };
  return { tag: errorTags[data.error.type] ?? "remote-internal-error", val };
}

/** Of those that wait for a call: a longer chain forgets its beginning. */
const callersMax = 32;

/** Those that wait for a call which the invocation under way waits for. */
function callersOf({ workerId: worker, current }: WorkerState): readonly Caller[] {
  if (current === undefined) return [];
  const { callers = [], idempotencyKey } = current;
  return [...callers, { worker, idempotencyKey }].slice(-callersMax);
}

/** Calls of the worker whose state is given. */
export function remoteCalls(services: WorkerServices, state: () => WorkerState): RpcAccess {
  // What a worker inherits that a call creates.
  const creator = (): Creator => {
    const { args, env, workerId: parent } = state();
    return { args, env, parent };
  };
  const invoke = async (
    call: RemoteCall,
    { awaitResult, callers }: { readonly awaitResult: boolean; readonly callers?: readonly Caller[] },
    before: Before,
  ): Promise<Result<WitValue | undefined, RpcError>> => {
    const { worker, functionName, parameters: input, idempotencyKey, trace } = call;
    const command = { worker, functionName, input, idempotencyKey, awaitResult, creator: creator(), trace, callers };
    try {
      const output = await services.invoke(command, before);
      return ok(typeof output === "object" && "nodes" in output ? output : undefined);
    } catch (error) {
      return err(toRpcError(error));
    }
  };
  return {
    invokeAndAwait: (call, before, blocks) => {
      let result: PendingCall["result"];
      // Nobody knows whether a caller that may do other things meanwhile waits.
      const waiting = blocks ? { callers: callersOf(state()) } : {};
      const settled = invoke(call, { awaitResult: true, ...waiting }, before).then((outcome) => {
        result = outcome.tag === "err" ? outcome : ok(outcome.val ?? { nodes: [] });
      });
      return {
        settled,
        get result() {
          return result;
        },
      };
    },
    invoke: async (call, before) => {
      const outcome = await invoke(call, { awaitResult: false }, before);
      return outcome.tag === "err" ? outcome : ok(undefined);
    },
    schedule: async (call, dueMs) => {
      await services.timers.set(scheduledTimer(call, dueMs, creator()));
      services.timerSet(dueMs);
    },
    cancel: async ({ worker, idempotencyKey }, dueMs) => {
      await services.timers.remove({ worker, name: scheduledTimerName(idempotencyKey), dueMs });
    },
    component: (name) => services.ask("component", { name }),
  };
}
