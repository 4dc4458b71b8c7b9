/** The OpenAPI document, what it promises, and requests made from it with garbage in them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  asyncProperty,
  assert as assertProperty,
  constantFrom,
  json,
  jsonValue,
  oneof,
  record,
  string,
  tuple,
} from "fast-check";
import type { Arbitrary } from "fast-check";
import type { OpenApi, Operation } from "../contract/document.ts";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const component = "/v1/components/{component_id}";

/** Answers that a worker gives to a request that is in order. */
const golemErrors: readonly unknown[] = [
  "InvalidRequest",
  "WorkerAlreadyExists",
  "PromiseNotFound",
  "RuntimeError",
  "PreviousInvocationFailed",
  "PreviousInvocationExited",
  "ParamTypeMismatch",
  "ValueMismatch",
  "Interrupted",
];

type Route = readonly [method: string, path: string, operation: Operation];

interface Garbage {
  readonly route: Route;
  readonly id: string;
  readonly name: string;
  readonly values: readonly [string, string, string];
  readonly body: string;
  readonly contentType: string;
  readonly key: string | undefined;
}

/** Bodies that are nearly right. */
function nearlyBody(): Arbitrary<string> {
  const any = jsonValue();
  const invoke = record({ params: oneof(any, constantFrom([])) });
  const create = record({ name: oneof(constantFrom("known", "new"), any), args: any, env: any }, { requiredKeys: [] });
  const find = record({ filter: any, cursor: any, count: any, precise: any }, { requiredKeys: [] });
  const complete = record({ oplogIdx: any, data: any });
  const target = oneof(constantFrom(0, 1), any);
  const operation = oneof(
    record({ mode: constantFrom("Automatic", "Manual"), targetVersion: target }),
    record({ type: constantFrom("revertToOplogIndex"), lastOplogIndex: target }),
    record({ type: constantFrom("revertLastInvocations"), numberOfInvocations: target }),
    record({ targetWorkerName: oneof(constantFrom("forked"), any), oplogIndexCutOff: target }),
  );
  return oneof(invoke, create, find, complete, operation).map((value) => JSON.stringify(value));
}

function garbage(routesOfDocument: readonly Route[]): Arbitrary<Garbage> {
  const text = oneof(string({ unit: "binary" }), constantFrom("known", "", "0", "-1", "a/b", "%00", "..", "\u{1f600}"));
  const value = oneof(text, constantFrom("true", "test:probe/api.{bump}", "name = x", "0/1", "5"));
  const types = ["application/json", "multipart/form-data; boundary=x", "text/plain", "application/octet-stream"];
  return record({
    route: constantFrom(...routesOfDocument),
    id: oneof({ weight: 5, arbitrary: constantFrom("known-id") }, { weight: 1, arbitrary: text }),
    name: oneof({ weight: 5, arbitrary: constantFrom("known", "new") }, { weight: 1, arbitrary: text }),
    values: tuple(value, value, value),
    body: oneof(string(), json(), nearlyBody()),
    contentType: constantFrom(...types),
    key: constantFrom(undefined, "key", " "),
  });
}

function requestOf(
  made: Garbage,
  componentId: string,
): { readonly method: string; readonly target: string; readonly init: RequestInit } {
  const [method, template, { parameters = [] }] = made.route;
  const segments: { readonly [name: string]: string } = {
    component_id: made.id === "known-id" ? componentId : made.id,
    worker_name: made.name,
    version: made.values[0],
  };
  const path = template.replaceAll(/\{(\w+)\}/gu, (_match, each: string) =>
    encodeURIComponent((segments[each] ?? "").toWellFormed()),
  );
  const query = new URLSearchParams();
  for (const [index, parameter] of parameters.filter((each) => each.in === "query").entries()) {
    query.set(parameter.name, made.values[index % 3] ?? "");
  }
  const headers: { [name: string]: string } = method === "get" ? {} : { "content-type": made.contentType };
  if (made.key !== undefined) headers["idempotency-key"] = made.key;
  const body = method === "get" ? {} : { body: made.body };
  return { method, target: `${path}?${query.toString()}`, init: { method: method.toUpperCase(), headers, ...body } };
}

describe("the OpenAPI document", () => {
  let server: TestServer;
  let client: Client;
  let document: OpenApi;
  let componentId: string;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    document = (await client.ok("GET", "/specs")) as OpenApi;
    await upload();
  });
  after(() => server[Symbol.asyncDispose]());

  async function upload(): Promise<void> {
    componentId = await client.upload("probe", await moduleGuest("probe"));
    await client.worker(componentId, "known").invoke("test:probe/api.{bump}");
  }

  const operations = (): readonly Route[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [method, path, operation] as const),
    );

  test("is of OpenAPI 3.1", () => {
    assert.match(document.openapi, /^3\.1\./u);
  });

  test("every parameter of a path is declared, every body and answer has a schema", () => {
    for (const [method, path, { summary, parameters = [], requestBody, responses }] of operations()) {
      const at = `${method} ${path}`;
      assert.ok(summary, at);
      const inPath = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name = ""]) => name);
      const declared = parameters.filter((parameter) => parameter.in === "path");
      assert.deepEqual(declared.map((parameter) => parameter.name).toSorted(), inPath.toSorted(), at);
      assert.ok(
        declared.every((parameter) => parameter.required),
        at,
      );
      for (const { schema } of parameters) assert.ok(Object.keys(schema).length > 0, at);
      for (const { schema } of Object.values(requestBody?.content ?? {})) assert.ok(Object.keys(schema).length > 0, at);
      assert.ok(responses["200"] ?? responses["101"], at);
      for (const [status, { description, content = {} }] of Object.entries(responses)) {
        assert.ok(description, at);
        for (const media of Object.values(content) as { readonly schema: JsonObject }[]) {
          assert.ok(Object.keys(media.schema).length > 0, `${at} ${status}`);
        }
      }
    }
  });

  test("all references lead somewhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/gu)];
    assert.ok(references.length > 0);
    for (const [, name = ""] of references) assert.ok(name in document.components.schemas, name);
  });

  test("the page that shows it needs nothing from elsewhere", async () => {
    const response = await fetch(`${server.url}/docs`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/u);
    assert.doesNotMatch(await response.text(), /(?:src|href)="https?:/u);
  });

  test("health, version, metrics", async () => {
    assert.deepEqual(await client.ok("GET", "/healthcheck"), {});
    const { version } = (await client.ok("GET", "/version")) as { readonly version: string };
    assert.equal(version, document.info.version);
    const metrics = await fetch(`${server.url}/metrics`);
    assert.equal(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const lines = (await metrics.text()).trimEnd().split("\n");
    assert.ok(lines.length > 0);
    const sample = /^\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? (?:-?[\d.e+-]+|[+-]Inf|Nan)$/u;
    for (const line of lines.filter((each) => each !== "")) {
      assert.ok(sample.test(line) || /^# (?:HELP|TYPE) \w+ .+$/u.test(line), line);
    }
  });

  test("unknown paths and methods give 404", async () => {
    const unknown = [
      ["GET", "/"],
      ["GET", "/v1"],
      ["PATCH", "/v1/components"],
      ["GET", "/v1/components/%zz/latest"],
      ["POST", `/v1/components/${componentId}/workers/known/nonsense`],
    ] as const;
    for (const [method, path] of unknown) {
      const { status, body } = await client.send(method, path);
      assert.ok(status === 404 || status === 400, path);
      assert.equal(typeof body, "object");
    }
  });

  test("garbage gives errors of the client or of the worker, never of the server", async () => {
    await assertProperty(
      asyncProperty(garbage(operations()), async (made) => {
        const { method, target, init } = requestOf(made, componentId);
        const response = await fetch(server.url + target, { ...init, signal: AbortSignal.timeout(20_000) });
        const reply = await response.text();
        const at = `${method} ${target} ${made.body}: ${response.status} ${reply}`;
        if (response.ok && method === "delete" && made.route[1] === component) await upload();
        if (response.status !== 500) {
          assert.ok([200, 400, 404, 409, 413, 415].includes(response.status), at);
          return;
        }
        const { golemError } = JSON.parse(reply) as { readonly golemError?: JsonObject };
        assert.ok(golemErrors.includes(golemError?.["type"]), at);
      }),
      { numRuns: 600 },
    );
    assert.deepEqual(await client.ok("GET", "/healthcheck"), {});
    assert.equal(server.running, true);
  });

  test("a body beyond the limit gives 413", async () => {
    await using small = await TestServer.start({ flags: ["--request-size-max", "20000"] });
    const body = JSON.stringify({ params: ["x".repeat(200_000)] });
    const headers = { "content-type": "application/json" };
    const path = `/v1/components/${componentId}/workers`;
    for (const target of [path, `${path}/find`, `${path}/w/invoke-and-await?function=f`]) {
      const response = await fetch(`${small.url}${target}`, { method: "POST", body, headers });
      assert.equal(response.status, 413, target);
      assert.equal(typeof ((await response.json()) as JsonObject)["error"], "string");
    }
  });
});
