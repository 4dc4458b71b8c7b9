/** Brings a fresh instance to where its oplog ends, and further: the invocation that was under way runs on live. */
import { DivergenceError } from "../durability/errors.ts";
import type { WorkerInstance } from "./instance.ts";
import { invocationTarget } from "./invocation-target.ts";
import type { Output } from "./output.ts";
import type { RecordedTypes } from "./version-change.ts";

/** An invocation that replay began and that returned after the oplog's end. */
export interface FinishedInvocation {
  readonly key: string;
  readonly functionName: string;
  readonly response: Uint8Array;
}

/**
 * Runs all recorded invocations; what the instance recorded when it started has been replayed. Returns the last one when its completion isn't recorded yet; it has come to its end
 * live then. Throws what ends a run: divergence, traps, signals.
 */
export async function replay(
  instance: WorkerInstance,
  output: Output,
  recordedTypes: RecordedTypes,
): Promise<FinishedInvocation | undefined> {
  const { durable } = instance.context;
  while (!durable.live) {
    const invokedIndex = durable.currentIndex;
    const invoked = durable.takeReplayed("exported-function-invoked");
    if (invoked === undefined) return undefined;
    const { functionName, idempotencyKey, request, trace } = invoked;
    output.reset();
    const { workerName } = instance.context.facts().id;
    instance.context.trace.begin({ functionName, idempotencyKey, workerName, trace });
    const target = invocationTarget(instance.image, functionName);
    await recordedTypes.check(target, instance.image, recordedTypes.versionAt(invokedIndex));
    const response = await instance.invoke(instance.prepare(target, request));
    if (durable.live) return { key: idempotencyKey, functionName, response };
    const index = durable.currentIndex;
    durable.takeReplayed("exported-function-completed", (recorded) => {
      if (sameBytes(recorded.response, response)) return;
      throw new DivergenceError(index, `the recorded result of ${functionName}`, "another result");
    });
  }
  return undefined;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
