/** What an executor thread writes to the log. */
import type { LogFields, Logger } from "../platform/logger.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import {
  deliveryTroubled,
  invocationAnswered,
  memorySnapshotSkipped,
  memorySnapshotTaken,
  workerFailed,
  workerLoaded,
  workerUpdated,
} from "../worker/channels.ts";

/** Failures quote what the guest has printed. */
const messageLengthMax = 2000;

function of({ componentId, workerName }: WorkerId): LogFields {
  return { component: componentId, worker: workerName };
}

/** Listens from now on. */
export function logExecutor(logger: Logger): void {
  workerFailed.subscribe(({ worker, message, retried, retryCount }) => {
    const error = message.slice(0, messageLengthMax);
    const fields = { ...of(worker), error, retryCount };
    if (retried) logger.warn("worker failed and is tried again", fields);
    else logger.error("worker failed", fields);
  });
  workerUpdated.subscribe(({ worker, targetVersion, failure }) => {
    const fields = { ...of(worker), targetVersion };
    if (failure === undefined) logger.info("worker updated", fields);
    else logger.warn("update of worker failed", { ...fields, error: failure.slice(0, messageLengthMax) });
  });
  deliveryTroubled.subscribe(({ worker, message }) => {
    logger.warn("oplog processor troubled", { ...of(worker), error: message.slice(0, messageLengthMax) });
  });
  memorySnapshotSkipped.subscribe(({ worker, step, reason }) => {
    if (step === "load") logger.warn("memory snapshot could not be used", { ...of(worker), reason });
    else if (step === "delete") logger.warn("memory snapshot could not be removed", { ...of(worker), reason });
    else logger.debug("memory snapshot not taken", { ...of(worker), reason });
  });
  if (!logger.debugs) return;
  workerLoaded.subscribe(({ worker, version, entries, restored, durationMs }) => {
    logger.debug("worker loaded", { ...of(worker), version, entries, restored, durationMs });
  });
  memorySnapshotTaken.subscribe(({ worker, bytes, durationMs }) => {
    logger.debug("memory snapshot taken", { ...of(worker), bytes, durationMs });
  });
  invocationAnswered.subscribe(({ worker, functionName, idempotencyKey, outcome, durationMs }) => {
    logger.debug("invocation answered", { ...of(worker), function: functionName, idempotencyKey, outcome, durationMs });
  });
}
