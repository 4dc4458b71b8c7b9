/** Calls of the HTTP API as a client makes them: plain fetch, nothing shared with the server. */
import assert from "node:assert/strict";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Of a multipart form: text, or what a file holds. */
export interface FormFields {
  readonly [name: string]: string | Uint8Array;
}

export type JsonObject = { readonly [name: string]: unknown };

/** Integers that a number can't hold become bigints. */
function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    !Number.isSafeInteger(value) && /^-?\d+$/u.test(context?.source ?? "") ? BigInt(context?.source ?? "") : value,
  );
}

/** `JSON.rawJSON`, which TypeScript's library doesn't declare yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

function rawNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(value.toString()) : value;
}

export class Client {
  readonly #url: () => string;

  /** The address is asked for at each call: it changes when the server starts again. */
  constructor(url: () => string) {
    this.#url = url;
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`${this.#url()}${path}`, { ...init, method });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : parseExactly(text) };
  }

  /** A JSON request whose reply must be 200; returns its body. */
  async ok(method: string, path: string, json?: unknown): Promise<unknown> {
    const reply = await this.send(method, path, json);
    assert.equal(reply.status, 200, JSON.stringify(reply.body, rawNumber));
    return reply.body;
  }

  send(method: string, path: string, json?: unknown, headers: { [name: string]: string } = {}): Promise<Reply> {
    if (json === undefined) return this.request(method, path, { headers });
    const body = JSON.stringify(json, rawNumber);
    return this.request(method, path, { body, headers: { "content-type": "application/json", ...headers } });
  }

  /** Sends lines of JSON; the body is what was answered, line by line, before the connection ended. */
  async lines(path: string, body: string): Promise<Reply> {
    const headers = { "content-type": "application/x-ndjson" };
    const response = await fetch(`${this.#url()}${path}`, { method: "POST", headers, body });
    let text = "";
    const decoder = new TextDecoderStream();
    await response.body
      ?.pipeThrough(decoder)
      .pipeTo(new WritableStream({ write: (part) => void (text += part) }))
      .catch(() => undefined);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return { status: response.status, body: whole.split("\n").filter(Boolean).map(parseExactly) };
  }

  /** Uploads version 0; returns the component's id. */
  async upload(name: string, binary: Uint8Array, fields: FormFields = {}): Promise<string> {
    const reply = await this.post("/v1/components", { name, component: binary, ...fields });
    assert.equal(reply.status, 200, JSON.stringify(reply.body, rawNumber));
    return (reply.body as { readonly versionedComponentId: { readonly componentId: string } }).versionedComponentId
      .componentId;
  }

  /** Sends a form. */
  post(path: string, fields: FormFields): Promise<Reply> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "string") form.set(name, value);
      else form.set(name, new Blob([Uint8Array.from(value)]), name);
    }
    return this.request("POST", path, { body: form });
  }

  /** The bytes at a path; its status where that isn't 200. */
  async bytes(path: string): Promise<Uint8Array | number> {
    const response = await fetch(`${this.#url()}${path}`);
    const body = new Uint8Array(await response.arrayBuffer());
    return response.status === 200 ? body : response.status;
  }

  worker(componentId: string, workerName: string): WorkerClient {
    return new WorkerClient(this, componentId, workerName);
  }
}

export class WorkerClient {
  readonly #client: Client;
  readonly path: string;

  constructor(client: Client, componentId: string, workerName: string) {
    this.#client = client;
    this.path = `/v1/components/${componentId}/workers/${workerName}`;
  }

  /** Invokes and waits; `params` are plain JSON values. */
  invokeRaw(functionName: string, params: readonly unknown[] = [], idempotencyKey?: string): Promise<Reply> {
    const headers: { [name: string]: string } =
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    const path = `${this.path}/invoke-and-await?function=${encodeURIComponent(functionName)}`;
    return this.#client.send("POST", path, { params }, headers);
  }

  /** The values of the results, usually one. */
  async invoke(functionName: string, params: readonly unknown[] = [], idempotencyKey?: string): Promise<unknown> {
    const { status, body } = await this.invokeRaw(functionName, params, idempotencyKey);
    assert.equal(status, 200, JSON.stringify(body, rawNumber));
    const [value] = (body as { readonly result: { readonly value: readonly unknown[] } }).result.value;
    return value;
  }

  /** Invokes without waiting. */
  async enqueue(functionName: string, params: readonly unknown[] = [], idempotencyKey?: string): Promise<void> {
    const headers: { [name: string]: string } =
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    const path = `${this.path}/invoke?function=${encodeURIComponent(functionName)}`;
    const { status, body } = await this.#client.send("POST", path, { params }, headers);
    assert.equal(status, 200, JSON.stringify(body, rawNumber));
  }

  async metadata(): Promise<JsonObject> {
    return (await this.#client.ok("GET", this.path)) as JsonObject;
  }

  /** What a file of the worker holds; the status where the reply isn't 200. */
  async file(path: string): Promise<string | number> {
    const content = await this.#client.bytes(`${this.path}/file-contents/${encodeURIComponent(path)}`);
    return typeof content === "number" ? content : new TextDecoder().decode(content);
  }

  /** What a directory of the worker holds: names, with sizes and permissions of files. */
  async list(path: string): Promise<readonly string[]> {
    const body = await this.#client.ok("GET", `${this.path}/files/${encodeURIComponent(path)}`);
    const { nodes } = body as { readonly nodes: readonly JsonObject[] };
    return nodes.map(({ name, kind, size, permissions }) =>
      kind === "file" ? `${String(name)} ${String(size)} ${String(permissions)}` : `${String(name)}/`,
    );
  }

  send(method: string, suffix: string, json?: unknown, idempotencyKey?: string): Promise<Reply> {
    const headers: { [name: string]: string } =
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    return this.#client.send(method, `${this.path}${suffix}`, json, headers);
  }
}

/** What a failed invocation tells, as clients of Golem read it. */
export function golemErrorOf({ status, body }: Reply): JsonObject {
  assert.equal(status, 500);
  assert.deepEqual(Object.keys(body as JsonObject), ["golemError"]);
  return (body as { readonly golemError: JsonObject }).golemError;
}
