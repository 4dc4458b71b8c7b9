/** Calls made at a later time, and taking them back. */
import { record, string, u64, unit, u32 } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { toWitWorkerId, workerId } from "../golem-api/types.ts";
import type { HostContext, RemoteCall } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";

const datetime = record({ seconds: u64, nanoseconds: u32 });

const scheduleFunction = durableFunction({
  name: "golem::rpc::wasm-rpc::schedule_invocation",
  class: "remote-write",
  request: record({ remoteWorkerId: workerId, idempotencyKey: string, functionName: string, datetime }),
  response: unit,
});
const cancelFunction = durableFunction({
  name: "golem::rpc::cancellation-token::cancel",
  class: "remote-write",
  request: record({ remoteWorkerId: workerId, idempotencyKey: string }),
  response: unit,
});

export const scheduledCallRecords = {
  "[method]wasm-rpc.schedule-invocation": scheduleFunction,
  "[method]wasm-rpc.schedule-cancelable-invocation": scheduleFunction,
  "[method]cancellation-token.cancel": cancelFunction,
} as const;

export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** The call is known by its key, so that scheduling it again after a crash makes no second one. */
export async function schedule(context: HostContext, call: RemoteCall, time: Datetime): Promise<CancellationToken> {
  const { durable, rpc } = context;
  const { worker, functionName, idempotencyKey } = call;
  const dueMs = Number(time.seconds) * 1000 + time.nanoseconds / 1e6;
  const request = { remoteWorkerId: toWitWorkerId(worker), idempotencyKey, functionName, datetime: time };
  await durable.callKeyed(scheduleFunction, request, async ({ durable: before }) => {
    await before;
    await rpc.schedule(call, dueMs);
    return [] as const;
  });
  return new CancellationToken(context, call, dueMs);
}

const savedToken = savedKind(
  "cancellation-token",
  ({ call, dueMs }: { readonly call: RemoteCall; readonly dueMs: number }, { context }) =>
    new CancellationToken(context, call, dueMs),
);

export class CancellationToken extends HostObject {
  readonly #context: HostContext;
  readonly #call: RemoteCall;
  readonly #dueMs: number;

  constructor(context: HostContext, call: RemoteCall, dueMs: number) {
    super();
    this.#context = context;
    this.#call = call;
    this.#dueMs = dueMs;
  }

  override save(): SavedObject {
    return savedToken({ call: this.#call, dueMs: this.#dueMs });
  }

  /** Too late, or a second time, it changes nothing. */
  async cancel(): Promise<void> {
    const { durable, rpc } = this.#context;
    const { worker, idempotencyKey } = this.#call;
    await durable.callKeyed(
      cancelFunction,
      { remoteWorkerId: toWitWorkerId(worker), idempotencyKey },
      async ({ durable: before }) => {
        await before;
        await rpc.cancel(this.#call, this.#dueMs);
        return [] as const;
      },
    );
  }
}
