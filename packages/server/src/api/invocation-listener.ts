/**
 * Serves invocations (spec/service.md §3.1), the hot path of the API, on Node's own requests and responses: the objects
 * of the web's fetch that the other routes use would cost more than everything else the main thread does for a call.
 * The body and the result pass through as text; the worker's owner knows the types.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatJson, isComponentId, isWorkerName } from "@emet/contract";
import type { InvokeRequest, WorkerService } from "../cluster/worker-service.ts";
import type { BeginRequestSpan } from "./request-span.ts";
import { traceParent } from "./trace-context.ts";
import { badRequest, errorResponse, tooLarge } from "./errors.ts";

const invocationPath = /^\/v1\/components\/([^/?]+)(?:\/workers\/([^/?]+))?\/invoke(-and-await)?(?:\?(.*))?$/u;

/** True if it took the request; others are left for the other routes. */
export type InvocationListener = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface InvocationListenerOptions {
  readonly workers: WorkerService;
  readonly requestBytesMax: number;
  /** Undefined where nobody wants traces. */
  readonly beginSpan: BeginRequestSpan | undefined;
}

export function invocationListener(options: InvocationListenerOptions): InvocationListener {
  const { workers, requestBytesMax, beginSpan } = options;
  return (request, response) => {
    if (request.method !== "POST") return false;
    const match = invocationPath.exec(request.url ?? "");
    if (match === null) return false;
    serve(match, request, requestBytesMax)
      .then((invocation) => {
        if (beginSpan === undefined) return workers.invoke(invocation);
        const span = beginSpan(invocation.trace, `POST ${invocation.functionName}`);
        response.once("close", () => span.end(response.statusCode));
        return workers.invoke({ ...invocation, trace: span.trace });
      })
      .then(
        (text) => sendJson(response, 200, text),
        (error: unknown) => {
          const { status, body } = errorResponse(error);
          sendJson(response, status, formatJson(body));
        },
      );
    return true;
  };
}

/** Answers with JSON text. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  // The client may have gone away; its invocation goes on all the same.
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

async function serve(match: RegExpExecArray, request: IncomingMessage, bytesMax: number): Promise<InvokeRequest> {
  const [, componentId = "", encodedName, awaited, query = ""] = match;
  if (!isComponentId(componentId)) throw badRequest("component_id: Invalid component id: it must be a UUID");
  const workerName = encodedName === undefined ? undefined : decodeName(encodedName);
  if (workerName !== undefined && !isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
  const functionName = functionOf(query);
  if (functionName === null) throw badRequest("function: the query parameter is missing");
  const key = request.headers["idempotency-key"];
  const idempotencyKey = Array.isArray(key) ? key[0] : key;
  if (idempotencyKey === "") throw badRequest("Idempotency-Key: the header is empty");
  const body = await readBody(request, bytesMax);
  const awaitResult = awaited !== undefined;
  const trace = traceParent(request.headers);
  return { componentId: componentId.toLowerCase(), workerName, functionName, body, idempotencyKey, awaitResult, trace };
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Most queries are nothing but a name; parsing them as one would take as long as all the rest of a request's head. */
const plainQuery = /^function=([\w.:/-]+)$/u;

function functionOf(query: string): string | null {
  return plainQuery.exec(query)?.[1] ?? new URLSearchParams(query).get("function");
}

/** By events: a stream's iterator costs more than all that happens to a short body. */
function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const parts: Buffer[] = [];
  let bytes = 0;
  request.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes <= bytesMax) {
      parts.push(part);
      return;
    }
    // The rest is read and forgotten, so that the client comes to see the answer.
    parts.length = 0;
    reject(tooLarge(bytesMax));
  });
  request.on("end", () => {
    const [only] = parts;
    const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    resolve(whole.toString("utf8"));
  });
  // The client left in the midst: nobody is answered.
  request.on("error", reject);
  return promise;
}
