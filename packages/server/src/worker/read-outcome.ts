/** The stored outcome of an invocation, answered again to whoever uses its idempotency key. */
import { serves } from "@emet/component";
import type { Value } from "@emet/component";
import { encodeValue } from "../durability/codec/value-codec.ts";
import { decodeEntry, framesOf } from "../durability/oplog/decode-entry.ts";
import type { OplogEntry } from "../durability/oplog/entry-types.ts";
import type { InvocationOutcome } from "../durability/outcomes.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InvocationResult } from "./invocation-form.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import type { WorkerServices } from "./services.ts";
import { cancelled } from "./state-queries.ts";
import type { RecordedTypes } from "./version-change.ts";
import { golemError } from "./worker-error.ts";

/** The result; throws the stored error of one that failed. */
export async function readOutcome(
  worker: WorkerId,
  outcome: InvocationOutcome,
  recordedTypes: RecordedTypes,
  services: WorkerServices,
): Promise<InvocationResult> {
  switch (outcome.kind) {
    case "completed": {
      const completed = await readEntry(worker, outcome.index, services);
      if (completed?.kind !== "exported-function-completed") break;
      const target = await recordedTypes.targetAt(outcome.index, outcome.functionName);
      return { target, response: completed.fields.response };
    }
    case "failed":
      throw golemError({ type: "RuntimeError", details: outcome.message });
    case "exited":
      return exitResult(await recordedTypes.targetAt(outcome.index, outcome.functionName), outcome.exitCode);
    case "cancelled":
      throw cancelled();
  }
  throw golemError({ type: "Unknown", details: `the result at oplog index ${outcome.index} is missing` });
}

/**
 * What is told of an invocation in which the guest ended the process. A command that ends by exit code 0 has done what it
 * was asked: that is how some languages return from `main`. Anything else is cut off.
 */
function exitResult(target: InvocationTarget, exitCode: number): InvocationResult {
  const { name, interface: within = "" } = target.info;
  if (exitCode !== 0 || name !== "run" || !serves("wasi:cli/run@0.2.9", within)) {
    throw golemError({ type: "RuntimeError", details: "Process exited" });
  }
  return { target, response: encodeValue<Value>(target.resultsType, [{ tag: "ok", val: undefined }]) };
}

async function readEntry(worker: WorkerId, index: number, services: WorkerServices): Promise<OplogEntry | undefined> {
  const { chunks } = await services.oplogs.read(worker, index, 1);
  for (const chunk of chunks) {
    for (const record of framesOf(chunk)) {
      if (record.index === index) return decodeEntry(record, services.blobs.getSync);
    }
  }
  return undefined;
}
