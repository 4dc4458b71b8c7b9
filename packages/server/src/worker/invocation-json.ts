/** Requests and results of invocations as clients write and read them (spec/service.md §3.3, §4.2). */
import { parseJson, ValueJsonError, valueFromJson } from "@emet/contract";
import type { HandleReader, Json } from "@emet/contract";
import type { Field, Value } from "@emet/component";
import { encodedToJsonText, encodeJson } from "../durability/codec/json-codec.ts";
import { encodeValue } from "../durability/codec/value-codec.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import { badRequest } from "./worker-error.ts";

/** `urn:worker:{componentId}/{workerName}/{resourceId}` */
export function handleUrn(worker: WorkerId, resourceId: number): string {
  return `urn:worker:${worker.componentId}/${encodeURIComponent(worker.workerName)}/${resourceId}`;
}

function resourceIdOf(worker: WorkerId, urn: string): number | undefined {
  const prefix = handleUrn(worker, 0).slice(0, -1);
  const id = urn.slice(prefix.length);
  return urn.startsWith(prefix) && /^\d{1,15}$/u.test(id) ? Number(id) : undefined;
}

/** Body text → encoded parameters; handles become resource ids. Throws `WorkerError` (400) with the place of a mistake. */
export function encodeRequest(worker: WorkerId, target: InvocationTarget, body: string): Uint8Array<ArrayBuffer> {
  const parameters = parametersOf(body);
  const { parameters: fields } = target;
  if (parameters.length !== fields.length) {
    throw badRequest(
      `${target.functionName} takes ${fields.length} parameters (${fields.map((field) => field.name).join(", ")}), ` +
        `${parameters.length} were given`,
    );
  }
  const representation = (urn: string): number | undefined => resourceIdOf(worker, urn);
  const given = fields.map((field, index) => unwrap(field, parameters[index] ?? null));
  return encodeJson(target.parametersType, given, representation) ?? encodeExplained(target, given, { representation });
}

/** The same more slowly, and with an error that says what doesn't fit. */
function encodeExplained(
  { parameters, parametersType }: InvocationTarget,
  given: readonly Json[],
  handles: HandleReader,
): Uint8Array<ArrayBuffer> {
  try {
    const values = parameters.map((field, index) =>
      valueFromJson(field.type, given[index] ?? null, handles, `params[${index}]`),
    );
    return encodeValue<Value>(parametersType, values);
  } catch (error) {
    if (error instanceof ValueJsonError) throw badRequest(error.message);
    throw error;
  }
}

function parametersOf(body: string): readonly Json[] {
  let json: Json;
  try {
    json = parseJson(body);
  } catch (error) {
    throw badRequest(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    const { params } = json as { readonly params?: Json };
    if (Array.isArray(params)) return params as readonly Json[];
  }
  throw badRequest('The body must be an object with an array "params"');
}

/** A parameter is `{ typ, value }`, `{ value }`, or the value itself. */
function unwrap(field: Field, json: Json): Json {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const wrapped = json as { readonly [name: string]: Json };
  const keys = Object.keys(wrapped);
  const looksWrapped = "value" in wrapped && keys.every((key) => key === "value" || key === "typ");
  if (!looksWrapped) return json;
  const ownField = field.type.kind === "record" && field.type.fields.some((item) => item.name === "value");
  const ownCase = field.type.kind === "variant" && field.type.cases.some((item) => item.name === "value");
  return (ownField || ownCase) && !("typ" in wrapped) ? json : (wrapped["value"] ?? null);
}

/** Encoded results → the text of the response's body. */
export function resultText(worker: WorkerId, target: InvocationTarget, response: Uint8Array): string {
  const json = encodedToJsonText(target.resultsType, response, (resourceId) => handleUrn(worker, resourceId));
  return `{"result":{"typ":${target.resultsTypeJson},"value":${json}}}`;
}
