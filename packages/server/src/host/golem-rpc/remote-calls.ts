/**
 * Calls of other workers, recorded (spec/host-interfaces.md §12.4). A call's key is derived and recorded before it is
 * made, so that one whose record was lost is made again with the same key, and the other side gives the result that it
 * has: the function runs once, whichever side is lost when. Idempotence mode needn't be asked.
 */
import { list, record, result, string, unit, variant } from "../../durability/codec/schema.ts";
import type { SchemaValue } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WakeUps } from "../../durability/errors.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { deriveIdempotencyKey } from "../golem-api/idempotency-key.ts";
import { fromWitUuid, toWitUuid, toWitWorkerId, uuid, workerId } from "../golem-api/types.ts";
import type { HostContext, MaybePromise, PendingCall, RemoteCall, RpcError } from "../interface.ts";
import type { Result } from "../results.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { Pollable } from "../wasi-io/pollable.ts";
import { waitUntilReady } from "../wasi-io/waiting.ts";
import { witValue } from "./wit-value.ts";
import type { WitValue } from "./wit-value.ts";

export const rpcError = variant({
  "protocol-error": string,
  denied: string,
  "not-found": string,
  "remote-internal-error": string,
});

const callRequest = record({
  remoteWorkerId: workerId,
  idempotencyKey: string,
  functionName: string,
  functionParams: list(witValue),
});

const keyFunction = durableFunction({
  name: "golem::rpc::wasm-rpc::invoke-and-await idempotency key",
  class: "local-read",
  request: unit,
  response: uuid,
});
const invokeAndAwaitFunction = durableFunction({
  name: "golem::rpc::wasm-rpc::invoke-and-await result",
  class: "remote-write",
  request: callRequest,
  response: result(witValue, rpcError),
});
const invokeFunction = durableFunction({
  name: "golem::rpc::wasm-rpc::invoke",
  class: "remote-write",
  request: callRequest,
  response: result<undefined, RpcError>(undefined, rpcError),
});
const getFunction = durableFunction({
  name: "golem::rpc::future-invoke-result::get",
  class: "remote-read",
  request: callRequest,
  response: variant({ pending: undefined, completed: result(witValue, rpcError) }),
});
const nameFunction = durableFunction({
  name: "golem::rpc::wasm-rpc::generate_unique_local_worker_id",
  class: "local-read",
  request: unit,
  response: string,
});

/** What the functions record. Workers without a name get one, calls without a key of their own derive it. */
export const remoteCallRecords = {
  "[constructor]wasm-rpc": nameFunction,
  "[method]wasm-rpc.invoke-and-await": [keyFunction, invokeAndAwaitFunction],
  "[method]wasm-rpc.invoke": [keyFunction, invokeFunction],
  "[method]wasm-rpc.async-invoke-and-await": keyFunction,
  "[method]future-invoke-result.get": getFunction,
} as const;

type CallRequest = SchemaValue<typeof callRequest>;
export type CallResult = Result<WitValue, RpcError>;

/** A name for a worker that has none, the same at replay. */
export function newWorkerName({ durable, entropy }: HostContext): string {
  return durable.call(nameFunction, [], () => entropy.uuid());
}

/** The next key of the worker that runs. */
export function nextKey({ durable, facts, entropy }: HostContext): string {
  const derived = durable.call(keyFunction, [], () =>
    toWitUuid(deriveIdempotencyKey(facts().idempotencyKey ?? entropy.uuid(), durable.currentIndex - 1)),
  );
  return fromWitUuid(derived);
}

export function newCall(
  context: HostContext,
  worker: WorkerId,
  functionName: string,
  parameters: readonly WitValue[],
): RemoteCall {
  return { worker, functionName, parameters, idempotencyKey: nextKey(context), trace: context.trace.parentForCalls() };
}

function requestOf({ worker, functionName, parameters, idempotencyKey }: RemoteCall): CallRequest {
  return { remoteWorkerId: toWitWorkerId(worker), idempotencyKey, functionName, functionParams: parameters };
}

/** A worker that waits for itself would wait for ever. */
function refusal({ facts }: HostContext, { worker }: RemoteCall): CallResult | undefined {
  const { id } = facts();
  if (worker.componentId !== id.componentId || worker.workerName !== id.workerName) return undefined;
  return { tag: "err", val: { tag: "denied", val: "a worker can't wait for a call of itself" } };
}

export function invokeAndAwait(context: HostContext, call: RemoteCall): MaybePromise<CallResult> {
  return context.durable.callKeyed(invokeAndAwaitFunction, requestOf(call), async (before) => {
    const refused = refusal(context, call);
    if (refused !== undefined) return refused;
    const pending = context.rpc.invokeAndAwait(call, before, true);
    const pollable = new CallPollable(() => pending);
    await waitUntilReady(context, [pollable]);
    return settledResult(pending);
  });
}

export function invoke(context: HostContext, call: RemoteCall): MaybePromise<Result<undefined, RpcError>> {
  return context.durable.callKeyed(invokeFunction, requestOf(call), (before) => context.rpc.invoke(call, before));
}

function settledResult({ result: settled }: PendingCall): CallResult {
  if (settled === undefined) throw new Error("the call has not settled");
  return settled;
}

const savedCallPollable = savedKind<number>("call-pollable", (call, restorer) =>
  restorer.object(call, FutureInvokeResult).pollable(),
);
const savedFuture = savedKind(
  "future-invoke-result",
  ({ call, consumed }: { readonly call: RemoteCall; readonly consumed: boolean }, { context }) =>
    new FutureInvokeResult(context, call, { consumed }),
);

/** Ready when the call has come back. */
class CallPollable extends Pollable {
  readonly #pending: () => PendingCall;
  readonly #future: FutureInvokeResult | undefined;
  override readonly wakeUps: WakeUps;

  /** `future` is whose call it is, for one that a guest holds. */
  constructor(pending: () => PendingCall, future?: FutureInvokeResult) {
    super();
    this.#pending = pending;
    this.#future = future;
    this.wakeUps = {
      get calls() {
        return [pending()];
      },
    };
  }

  override ready(): boolean {
    return this.#pending().result !== undefined;
  }

  override save(saver: Saver): SavedObject | undefined {
    return this.#future === undefined ? undefined : savedCallPollable(saver.object(this.#future));
  }

  override async wait(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    await Promise.race([this.#pending().settled, aborted.promise]);
  }
}

/** A call that runs beside its caller. What replay finds without a result is made again when it is looked at, live. */
export class FutureInvokeResult extends HostObject {
  readonly #context: HostContext;
  readonly #call: RemoteCall;
  #pending: PendingCall | undefined;
  #consumed: boolean;

  /** `restored` is given for one that was made before: as after a replay, its call is made again when it is looked at. */
  constructor(context: HostContext, call: RemoteCall, restored?: { readonly consumed: boolean }) {
    super();
    this.#context = context;
    this.#call = call;
    this.#consumed = restored?.consumed ?? false;
    if (restored === undefined && context.durable.live) this.#start();
  }

  pollable(): Pollable {
    return new CallPollable(() => this.#start(), this);
  }

  override save(): SavedObject {
    return savedFuture({ call: this.#call, consumed: this.#consumed });
  }

  /** Undefined while it runs. */
  get(): CallResult | undefined {
    const { durable } = this.#context;
    if (this.#consumed) return undefined;
    const state = durable.call(getFunction, requestOf(this.#call), () => {
      const { result: settled } = this.#start();
      return settled === undefined
        ? { tag: "pending" as const, val: undefined }
        : { tag: "completed" as const, val: settled };
    });
    if (state.tag === "pending") return undefined;
    this.#consumed = true;
    return state.val;
  }

  #start(): PendingCall {
    this.#pending ??= this.#begin();
    return this.#pending;
  }

  /** What led to the call is durable before it is made. */
  #begin(): PendingCall {
    const { durable, rpc } = this.#context;
    const refused = refusal(this.#context, this.#call);
    if (refused !== undefined) return { result: refused, settled: Promise.resolve() };
    return rpc.invokeAndAwait(this.#call, durable.before(), false);
  }
}
