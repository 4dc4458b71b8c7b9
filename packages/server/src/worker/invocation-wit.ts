/** Requests and results of invocations as other workers write and read them (spec/host-interfaces.md §12). */
import type { Value } from "@emet/component";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { fromWitValue, toWitValue, WitValueError } from "../host/golem-rpc/wit-value.ts";
import type { WitHandles, WitValue } from "../host/golem-rpc/wit-value.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import { badRequest } from "./worker-error.ts";

/** The URI of a worker in handles: its name is not encoded. */
function workerUri({ componentId, workerName }: WorkerId): string {
  return `urn:worker:${componentId}/${workerName}`;
}

function handlesOf(worker: WorkerId): WitHandles {
  const own = workerUri(worker);
  return {
    toUri: (id) => ({ uri: own, id: BigInt(id) }),
    fromUri: (uri, id) => (uri === own && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : undefined),
  };
}

/** Throws `WorkerError` (400) for parameters that don't fit. */
export function encodeWitRequest(
  worker: WorkerId,
  target: InvocationTarget,
  parameters: readonly WitValue[],
): Uint8Array<ArrayBuffer> {
  const { functionName, parameters: fields, parametersType } = target;
  if (parameters.length !== fields.length) {
    throw badRequest(`${functionName} takes ${fields.length} parameters, ${parameters.length} were given`);
  }
  const handles = handlesOf(worker);
  const values = fields.map((field, index) => {
    try {
      return fromWitValue(field.type, parameters[index] ?? { nodes: [] }, handles);
    } catch (error) {
      if (!(error instanceof WitValueError)) throw error;
      throw badRequest(`${functionName}, parameter ${field.name}: ${error.message}`);
    }
  });
  return encodeValue<Value>(parametersType, values);
}

/** The tuple of results. */
export function witResult(worker: WorkerId, target: InvocationTarget, response: Uint8Array): WitValue {
  return toWitValue(target.resultsType, decodeValue<Value>(target.resultsType, response), handlesOf(worker));
}
