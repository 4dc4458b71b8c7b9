/** Components over HTTP (spec/service.md §2). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject, Reply } from "../support/client.ts";
import { moduleGuest, textGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
const unknownId = "00000000-0000-4000-8000-000000000000";
const notComponent = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

describe("components", () => {
  let server: TestServer;
  let client: Client;
  let echo: Uint8Array;
  let counters: Uint8Array;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    echo = await moduleGuest("echo");
    counters = await moduleGuest("counters");
  });
  after(() => server[Symbol.asyncDispose]());

  function post(path: string, fields: { readonly [name: string]: string | Uint8Array }): Promise<Reply> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      form.set(name, typeof value === "string" ? value : new Blob([Uint8Array.from(value)]));
    }
    return client.request("POST", path, { body: form });
  }

  function put(path: string, binary: Uint8Array): Promise<Reply> {
    const headers = { "content-type": "application/octet-stream" };
    return client.request("PUT", path, { body: Uint8Array.from(binary), headers });
  }

  async function create(name: string, fields: { readonly [name: string]: string | Uint8Array } = {}): Promise<string> {
    const { status, body } = await post("/v1/components", { name, component: echo, ...fields });
    assert.equal(status, 200, JSON.stringify(body));
    return idOf(body);
  }

  function idOf(component: unknown): string {
    return (component as { readonly versionedComponentId: { readonly componentId: string } }).versionedComponentId
      .componentId;
  }

  function versionsOf(body: unknown): readonly number[] {
    return (body as readonly { readonly versionedComponentId: { readonly version: number } }[]).map(
      (component) => component.versionedComponentId.version,
    );
  }

  test("creation gives version 0 with everything that is known of it", async () => {
    const { status, body } = await post("/v1/components", { name: "shape", component: echo });
    assert.equal(status, 200);
    const { versionedComponentId, metadata, createdAt, ...rest } = body as JsonObject;
    assert.match(idOf(body), uuid);
    assert.deepEqual(versionedComponentId, { componentId: idOf(body), version: 0 });
    assert.deepEqual(rest, {
      componentName: "shape",
      componentSize: echo.length,
      componentType: "Durable",
      files: [],
      installedPlugins: [],
    });
    assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
    const { exports, producers, memories } = metadata as { readonly [name: string]: readonly JsonObject[] };
    assert.ok(Array.isArray(producers));
    assert.deepEqual(memories, [{ initial: 65_536, maximum: null }]);
    const instance = exports?.find((item) => item["type"] === "Instance");
    assert.equal(instance?.["name"], "test:echo/api");
    const functions = instance?.["functions"] as readonly JsonObject[];
    assert.deepEqual(
      functions.find((item) => item["name"] === "u64"),
      {
        name: "u64",
        parameters: [{ name: "value", typ: { type: "U64" } }],
        results: [{ name: null, typ: { type: "U64" } }],
      },
    );
    assert.deepEqual(
      functions.find((item) => item["name"] === "nothing"),
      { name: "nothing", parameters: [], results: [] },
    );
    assert.deepEqual(
      exports?.find((item) => item["type"] === "Function"),
      {
        type: "Function",
        name: "twice",
        parameters: [{ name: "value", typ: { type: "U32" } }],
        results: [{ name: null, typ: { type: "U32" } }],
      },
    );
  });

  test("types of all kinds are described", async () => {
    const id = await create("types");
    const { body } = await client.send("GET", `/v1/components/${id}/latest`);
    const text = JSON.stringify((body as JsonObject)["metadata"]);
    for (const part of [
      '{"name":"product-id","typ":{"type":"Str"}}',
      '{"type":"Enum","cases":["red","dark-green","blue"]}',
      '{"type":"Flags","names":["read","write","run-it"]}',
      '{"type":"List","inner":{"type":"U8"}}',
      '{"type":"Option","inner":{"type":"Option","inner":{"type":"U8"}}}',
      '{"type":"Tuple","items":[{"type":"Str"},{"type":"U64"}]}',
      '{"type":"Chr"}',
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
  });

  test("resource functions are listed under their canonical names, methods with the handle first", async () => {
    const id = await create("resources", { component: counters });
    const { body } = await client.send("GET", `/v1/components/${id}/latest`);
    const { exports } = (body as { readonly metadata: { readonly exports: readonly JsonObject[] } }).metadata;
    const functions = exports[0]?.["functions"] as readonly {
      readonly name: string;
      readonly parameters: readonly { readonly name: string; readonly typ: JsonObject }[];
    }[];
    const names = functions.map((item) => item.name);
    for (const name of ["[constructor]counter", "[method]counter.add", "[static]counter.merge", "dropped"]) {
      assert.ok(names.includes(name), `${name} in ${names.join()}`);
    }
    assert.ok(names.includes("[resource-drop]counter") || names.includes("[drop]counter"), names.join());
    const [self, amount] = functions.find((item) => item.name === "[method]counter.add")?.parameters ?? [];
    assert.equal(self?.name, "self");
    assert.equal(self.typ["type"], "Handle");
    assert.equal(self.typ["mode"], "Borrowed");
    assert.equal(typeof self.typ["resource_id"], "number");
    assert.equal(amount?.name, "amount");
  });

  test("names are unique", async () => {
    const id = await create("taken");
    const { status, body } = await post("/v1/components", { name: "taken", component: echo });
    assert.equal(status, 409);
    const { error, ...rest } = body as { readonly error: string };
    assert.deepEqual(rest, {});
    assert.match(error, /already exists/u);
    assert.ok(error.endsWith(id), error);
  });

  test("of concurrent creations with one name one succeeds", async () => {
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => post("/v1/components", { name: "contended", component: echo })),
    );
    assert.deepEqual(
      replies.map((reply) => reply.status).toSorted((left, right) => left - right),
      [200, 409, 409, 409, 409],
    );
  });

  test("forms that lack something or hold what is no component", async () => {
    const wrong: readonly { readonly [name: string]: string | Uint8Array }[] = [
      {},
      { name: "x" },
      { component: echo },
      { name: "x", component: "text" },
      { name: "x", component: new Uint8Array(0) },
      { name: "x", component: notComponent },
      { name: "x", component: echo.subarray(0, 100) },
      { name: "x", component: echo, componentType: "Other" },
      { name: "", component: echo },
    ];
    for (const fields of wrong) {
      const { status, body } = await post("/v1/components", fields);
      assert.equal(status, 400, JSON.stringify([Object.keys(fields), body]));
      const { errors, ...rest } = body as { readonly errors: readonly string[] };
      assert.ok(errors.length > 0);
      assert.deepEqual(rest, {});
    }
    const { body } = await client.send("GET", "/v1/components?component-name=x");
    assert.deepEqual(body, []);
  });

  test("a body that isn't a form", async () => {
    assert.equal((await client.request("POST", "/v1/components")).status, 400);
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    assert.equal((await client.request("POST", "/v1/components", { body: "name=x", headers })).status, 400);
    const { status, body } = await client.send("POST", "/v1/components", {});
    assert.equal(status, 415);
    assert.deepEqual(body, { error: "Unsupported Media Type" });
  });

  test("new versions by upload and by form; every version stays", async () => {
    const id = await create("versioned");
    const path = `/v1/components/${id}`;
    const second = await put(`${path}/upload`, counters);
    assert.equal(second.status, 200, JSON.stringify(second.body));
    assert.deepEqual((second.body as JsonObject)["versionedComponentId"], { componentId: id, version: 1 });
    assert.equal((second.body as JsonObject)["componentName"], "versioned");
    const third = await post(`${path}/updates`, { component: echo });
    assert.deepEqual((third.body as JsonObject)["versionedComponentId"], { componentId: id, version: 2 });
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.deepEqual(versionsOf(await client.ok("GET", path)), [0, 1, 2]);
      assert.deepEqual(versionsOf(await client.ok("GET", "/v1/components?component-name=versioned")), [0, 1, 2]);
      assert.deepEqual(await client.ok("GET", `${path}/latest`), third.body);
      assert.deepEqual(await client.ok("GET", `${path}/versions/1`), second.body);
      const download = await fetch(`${server.url}${path}/download?version=1`);
      assert.equal(download.headers.get("content-type"), "application/octet-stream");
      assert.deepEqual(new Uint8Array(await download.arrayBuffer()), counters);
      const latest = await fetch(`${server.url}${path}/download`);
      assert.deepEqual(new Uint8Array(await latest.arrayBuffer()), echo);
    }
  });

  test("concurrent updates get versions of their own", async () => {
    const id = await create("raced");
    const replies = await Promise.all(Array.from({ length: 6 }, () => put(`/v1/components/${id}/upload`, echo)));
    assert.deepEqual(
      replies.map((reply) => reply.status),
      [200, 200, 200, 200, 200, 200],
    );
    assert.deepEqual(versionsOf(await client.ok("GET", `/v1/components/${id}`)), [0, 1, 2, 3, 4, 5, 6]);
  });

  test("the type is that of the version before unless another is given", async () => {
    const id = await create("ephemeral", { componentType: "Ephemeral" });
    const path = `/v1/components/${id}`;
    const typeOf = async (reply: Promise<Reply>): Promise<unknown> =>
      ((await reply).body as JsonObject)["componentType"];
    assert.equal(await typeOf(client.send("GET", `${path}/latest`)), "Ephemeral");
    assert.equal(await typeOf(put(`${path}/upload`, echo)), "Ephemeral");
    assert.equal(await typeOf(put(`${path}/upload?component_type=Durable`, echo)), "Durable");
    assert.equal(await typeOf(post(`${path}/updates`, { component: echo })), "Durable");
    assert.equal(await typeOf(post(`${path}/updates`, { component: echo, componentType: "Ephemeral" })), "Ephemeral");
    assert.equal((await put(`${path}/upload?component_type=Other`, echo)).status, 400);
    assert.equal(await client.worker(id, "w").invoke("twice", [2]), 4);
  });

  test("an update that is no component leaves the versions as they are", async () => {
    const id = await create("kept");
    for (const binary of [notComponent, new Uint8Array(0)]) {
      const { status, body } = await put(`/v1/components/${id}/upload`, binary);
      assert.equal(status, 400);
      assert.ok((body as { readonly errors: readonly string[] }).errors.length > 0);
    }
    assert.deepEqual(versionsOf(await client.ok("GET", `/v1/components/${id}`)), [0]);
  });

  test("unknown components, unknown versions and ids that are none", async () => {
    const id = await create("known");
    const missing = [
      ["GET", `/v1/components/${unknownId}`],
      ["GET", `/v1/components/${unknownId}/latest`],
      ["GET", `/v1/components/${unknownId}/versions/0`],
      ["GET", `/v1/components/${unknownId}/download`],
      ["GET", `/v1/components/${id}/versions/7`],
      ["GET", `/v1/components/${id}/versions/18446744073709551615`],
      ["GET", `/v1/components/${id}/download?version=7`],
    ] as const;
    for (const [method, path] of missing) {
      const { status, body } = await client.send(method, path);
      assert.equal(status, 404, path);
      assert.deepEqual(Object.keys(body as JsonObject), ["error"]);
    }
    assert.equal((await put(`/v1/components/${unknownId}/upload`, echo)).status, 404);
    assert.equal((await post(`/v1/components/${unknownId}/updates`, { component: echo })).status, 404);
    for (const path of ["not-a-uuid", "not-a-uuid/latest", `${id}/versions/one`, `${id}/versions/-1`]) {
      const { status, body } = await client.send("GET", `/v1/components/${path}`);
      assert.equal(status, 400, path);
      assert.ok((body as { readonly errors: readonly string[] }).errors.length > 0);
    }
    assert.deepEqual(await client.ok("GET", "/v1/components?component-name=nobody"), []);
  });

  test("all components are listed", async () => {
    const names = ((await client.ok("GET", "/v1/components")) as readonly JsonObject[]).map(
      (item) => item["componentName"],
    );
    for (const name of ["shape", "versioned", "known"]) assert.ok(names.includes(name), name);
  });

  test("ids are accepted in upper case", async () => {
    const id = await create("upper");
    const body = await client.ok("GET", `/v1/components/${id.toUpperCase()}/latest`);
    assert.equal(idOf(body), id);
    assert.equal(await client.worker(id.toUpperCase(), "w").invoke("twice", [2]), 4);
    const { workerId } = (await client.worker(id.toUpperCase(), "w").metadata()) as { workerId: JsonObject };
    assert.equal(workerId["componentId"], id);
  });

  test("a new version is for new workers, the running ones stay on theirs", async () => {
    const id = await client.upload("stable", await textGuest("ledger"));
    const old = client.worker(id, "old");
    await old.invoke("add", [5]);
    assert.equal((await put(`/v1/components/${id}/upload`, echo)).status, 200);
    const young = client.worker(id, "young");
    assert.equal(await young.invoke("twice", [4]), 8);
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.equal(await old.invoke("sum"), again ? 6 : 5);
      assert.equal((await old.metadata())["componentVersion"], 0);
      assert.equal((await young.metadata())["componentVersion"], 1);
      await old.invoke("add", [1]);
    }
  });
});
