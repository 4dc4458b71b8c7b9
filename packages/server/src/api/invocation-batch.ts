/**
 * Serves batches of invocations: one request whose body is a line of JSON for each, answered by a line for each as soon
 * as it is durable. Reading stops while too many of them are under way or the client doesn't take the answers; what is
 * under way when it leaves goes on.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { batchLineSchema, formatJson, isComponentId, isWorkerName } from "@emet/contract";
import type { InvokeRequest, WorkerService } from "../cluster/worker-service.ts";
import type { TraceParent } from "../durability/oplog/entry-types.ts";
import { LineSplitter } from "../platform/line-splitter.ts";
import type { Line } from "../platform/line-splitter.ts";
import { badRequest, errorResponse, tooLarge } from "./errors.ts";
import type { InvocationListener, InvocationListenerOptions } from "./invocation-listener.ts";
import { sendJson } from "./invocation-listener.ts";
import { traceParent } from "./trace-context.ts";

const batchPath = /^\/v1\/components\/([^/?]+)\/invocations(?:\?.*)?$/u;

/** Of one request: they wait in the server, and their answers in the connection. */
const underWayMax = 1000;
const underWayBytesMax = 16 * 1024 * 1024;

export const batchContentType = "application/x-ndjson";

export function batchListener({ workers, requestBytesMax, beginSpan }: InvocationListenerOptions): InvocationListener {
  return (request, response) => {
    const [, componentId] = (request.method === "POST" ? batchPath.exec(request.url ?? "") : null) ?? [];
    if (componentId === undefined) return false;
    const given = traceParent(request.headers);
    const span = beginSpan?.(given, "POST invocations");
    if (span !== undefined) response.once("close", () => span.end(response.statusCode));
    const trace = span?.trace ?? given;
    const component = componentId.toLowerCase();
    const batch = new Batch(response, { workers, lineBytesMax: requestBytesMax, component, trace });
    batch.serve(request).catch((error: unknown) => batch.fail(error));
    return true;
  };
}

interface BatchOptions {
  readonly workers: WorkerService;
  readonly lineBytesMax: number;
  readonly component: string;
  readonly trace: TraceParent | undefined;
}

type AnswerId = string | number;

class Batch {
  readonly #response: ServerResponse;
  readonly #options: BatchOptions;
  #underWay = 0;
  #underWayBytes = 0;
  /** Lines that go out together when the turn is over. */
  #answers = "";
  #blocked = false;
  /** Wakes the reader when there is less under way. */
  #wake: (() => void) | undefined;

  constructor(response: ServerResponse, options: BatchOptions) {
    this.#response = response;
    this.#options = options;
    const goOn = (): void => {
      this.#blocked = false;
      this.#wake?.();
    };
    response.on("drain", goOn);
    response.on("close", goOn);
  }

  async serve(request: IncomingMessage): Promise<void> {
    const { workers, component, lineBytesMax } = this.#options;
    if (!isComponentId(component)) throw badRequest("component_id: Invalid component id: it must be a UUID");
    await workers.requireComponent(component);
    this.#response.writeHead(200, { "content-type": batchContentType });
    this.#response.flushHeaders();
    const lines = new LineSplitter(lineBytesMax);
    let number = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      for (const line of lines.push(chunk)) {
        if (this.#full) await this.#until(() => !this.#full);
        this.#take(line, number++);
      }
    }
    const last = lines.end();
    if (last !== undefined) this.#take(last, number);
    await this.#until(() => this.#underWay === 0);
    this.#flush();
    this.#response.end();
  }

  /** The request itself is wrong, or its client has left. */
  fail(error: unknown): void {
    const { headersSent, destroyed } = this.#response;
    if (headersSent || destroyed) {
      this.#response.destroy();
      return;
    }
    const { status, body } = errorResponse(error);
    sendJson(this.#response, status, formatJson(body));
  }

  get #full(): boolean {
    return this.#blocked || this.#underWay >= underWayMax || this.#underWayBytes >= underWayBytesMax;
  }

  /** Resolves when `reached`, or when nobody is there any more to be answered. */
  async #until(reached: () => boolean): Promise<void> {
    while (!reached() && !this.#response.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(line: Line, number: number): void {
    if (line === "too-long") {
      this.#answerError(number, tooLarge(this.#options.lineBytesMax));
      return;
    }
    if (line.text.trim() === "") return;
    let id: AnswerId = number;
    let invocation: InvokeRequest;
    try {
      const json = parseLine(line.text);
      id = idOf(json) ?? number;
      const { component: componentId, trace } = this.#options;
      invocation = { ...invocationOf(json), componentId, trace, body: line.text };
    } catch (error) {
      this.#answerError(id, error);
      return;
    }
    this.#underWay += 1;
    this.#underWayBytes += line.text.length;
    this.#options.workers
      .invoke(invocation)
      .then(
        // An object with the result alone, or with nothing.
        (text) => this.#answer(`{"id":${JSON.stringify(id)}${text === "{}" ? "}" : `,${text.slice(1)}`}`),
        (error: unknown) => this.#answerError(id, error),
      )
      .finally(() => {
        this.#underWay -= 1;
        this.#underWayBytes -= line.text.length;
        this.#wake?.();
      });
  }

  #answerError(id: AnswerId, error: unknown): void {
    const { status, body } = errorResponse(error);
    this.#answer(formatJson({ id, status, ...(body as object) }));
  }

  #answer(line: string): void {
    if (this.#answers === "") setImmediate(() => this.#flush());
    this.#answers += `${line}\n`;
  }

  #flush(): void {
    if (this.#answers === "") return;
    const lines = this.#answers;
    this.#answers = "";
    if (!this.#response.destroyed && !this.#response.write(lines)) this.#blocked = true;
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`The line is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Also of a line that is wrong otherwise. */
function idOf(json: unknown): AnswerId | undefined {
  if (typeof json !== "object" || json === null || !("id" in json)) return undefined;
  const { id } = json;
  return typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id)) ? id : undefined;
}

function invocationOf(json: unknown): Omit<InvokeRequest, "componentId" | "body"> {
  const parsed = batchLineSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badRequest(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
  }
  const { worker: workerName, function: functionName, idempotencyKey, await: awaitResult = true } = parsed.data;
  if (workerName !== undefined && !isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
  return { workerName, functionName, idempotencyKey, awaitResult };
}
