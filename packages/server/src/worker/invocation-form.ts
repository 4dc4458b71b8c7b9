/**
 * The forms in which invocations come and their results go: JSON text for clients, wit-values between workers, and
 * encoded as in records for HTTP requests.
 */
import type { WitValue } from "../host/golem-rpc/wit-value.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { encodeRequest, resultText } from "./invocation-json.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import { encodeWitRequest, witResult } from "./invocation-wit.ts";

/** JSON text of a request's body, or the parameters, or their encoded tuple. */
export type InvocationInput = string | readonly WitValue[] | Uint8Array<ArrayBuffer>;

/** In the form of the input: JSON text of a response's body, or the tuple of results. */
export type InvocationOutput = string | WitValue | Uint8Array;

/** The encoded parameters. Throws `WorkerError` (400) when they don't fit. */
export function encodeInput(
  worker: WorkerId,
  target: InvocationTarget,
  input: InvocationInput,
): Uint8Array<ArrayBuffer> {
  if (input instanceof Uint8Array) return input;
  return typeof input === "string" ? encodeRequest(worker, target, input) : encodeWitRequest(worker, target, input);
}

/** How an invocation returned. */
export interface InvocationResult {
  readonly target: InvocationTarget;
  /** The encoded tuple of results. */
  readonly response: Uint8Array;
}

/** The result as an answer to `input`. */
export function outputFor(
  worker: WorkerId,
  input: InvocationInput,
  { target, response }: InvocationResult,
): InvocationOutput {
  if (input instanceof Uint8Array) return response;
  return typeof input === "string" ? resultText(worker, target, response) : witResult(worker, target, response);
}
