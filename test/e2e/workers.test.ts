/** Workers: creation, names, metadata, deletion (spec/service.md §3.1 to §3.3, §8.1, §8.10). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const unknownId = "00000000-0000-4000-8000-000000000000";
const api = (name: string): string => `test:probe/api.{${name}}`;

describe("workers", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  let componentSize: number;
  let workersPath: string;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    const binary = await moduleGuest("probe");
    componentSize = binary.length;
    componentId = await client.upload("probe", binary);
    workersPath = `/v1/components/${componentId}/workers`;
  });
  after(() => server[Symbol.asyncDispose]());

  const worker = (name: string): WorkerClient => client.worker(componentId, name);

  test("creation with arguments and environment, which the guest sees", async () => {
    const body = await client.ok("POST", workersPath, { name: "made", args: ["a", "b c"], env: { B: "2", A: "1" } });
    assert.deepEqual(body, { workerId: { componentId, workerName: "made" }, componentVersion: 0 });
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.deepEqual(await worker("made").invoke(api("arguments")), ["a", "b c"]);
      assert.deepEqual(await worker("made").invoke(api("environment")), [
        ["B", "2"],
        ["A", "1"],
        ["GOLEM_WORKER_NAME", "made"],
        ["GOLEM_COMPONENT_ID", componentId],
        ["GOLEM_COMPONENT_VERSION", "0"],
      ]);
    }
  });

  test("an invocation creates a worker with no arguments and the injected environment alone", async () => {
    assert.deepEqual(await worker("implied").invoke(api("arguments")), []);
    assert.deepEqual(await worker("implied").invoke(api("environment")), [
      ["GOLEM_WORKER_NAME", "implied"],
      ["GOLEM_COMPONENT_ID", componentId],
      ["GOLEM_COMPONENT_VERSION", "0"],
    ]);
  });

  test("metadata of a new worker has every field", async () => {
    await client.ok("POST", workersPath, { name: "fields", args: ["x"], env: { KEY: "value" } });
    const { createdAt, ...rest } = await worker("fields").metadata();
    assert.deepEqual(rest, {
      workerId: { componentId, workerName: "fields" },
      args: ["x"],
      env: { KEY: "value" },
      status: "Idle",
      componentVersion: 0,
      retryCount: 0,
      pendingInvocationCount: 0,
      updates: [],
      usage: { fuel: 0, cpuMs: 0 },
      lastError: null,
      componentSize,
      totalLinearMemorySize: 65_536,
      ownedResources: {},
      activePlugins: [],
    });
    assert.ok(Math.abs(Date.parse(String(createdAt)) - Date.now()) < 60_000, String(createdAt));
    await worker("fields").invoke(api("grow"), [2]);
    for (const again of [false, true]) {
      if (again) await server.restart();
      const metadata = await worker("fields").metadata();
      assert.equal(metadata["totalLinearMemorySize"], 3 * 65_536);
      assert.equal(metadata["createdAt"], createdAt);
    }
  });

  test("the guest's own metadata agrees", async () => {
    await client.ok("POST", workersPath, { name: "self", args: ["x"], env: { KEY: "value" } });
    const metadata = (await worker("self").invoke(api("metadata"))) as JsonObject;
    assert.deepEqual((metadata["worker-id"] as JsonObject)["worker-name"], "self");
    assert.deepEqual(metadata["args"], ["x"]);
    assert.equal(metadata["status"], "running");
    assert.equal(metadata["component-version"], 0);
  });

  test("creating a worker twice", async () => {
    await client.ok("POST", workersPath, { name: "twice", args: [], env: {} });
    for (const again of [false, true]) {
      if (again) await server.restart();
      const { status, body } = await client.send("POST", workersPath, { name: "twice", args: [], env: {} });
      assert.equal(status, 500);
      const workerId = { componentId, workerName: "twice" };
      assert.deepEqual(body, { golemError: { type: "WorkerAlreadyExists", workerId } });
    }
  });

  test("of concurrent creations one succeeds", async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => client.send("POST", workersPath, { name: "raced", args: [], env: {} })),
    );
    assert.equal(replies.filter((reply) => reply.status === 200).length, 1);
    assert.equal(replies.filter((reply) => reply.status === 500).length, 7);
  });

  test("worker names: what is allowed, and what gives 400 everywhere", async () => {
    for (const name of ["a", "_x", "0", "A-b_9", "n".repeat(100)]) {
      await client.ok("POST", workersPath, { name, args: [], env: {} });
      assert.equal(await worker(name).invoke(api("bump")), 1);
    }
    const wrong = ["", "-a", "a b", " a", "a.b", "ü", "a/b", "a\n", "n".repeat(101)];
    for (const name of wrong) {
      const { status, body } = await client.send("POST", workersPath, { name, args: [], env: {} });
      assert.equal(status, 400, name);
      const { errors } = body as { readonly errors: readonly string[] };
      assert.match(errors[0] ?? "", /^Invalid worker name/u);
    }
    for (const name of wrong.filter((each) => each !== "")) {
      const path = `${workersPath}/${encodeURIComponent(name)}`;
      const calls = [
        ["GET", path],
        ["DELETE", path],
        ["POST", `${path}/interrupt`],
        ["POST", `${path}/resume`],
      ] as const;
      for (const [method, target] of calls) {
        const { status, body } = await client.send(method, target);
        assert.equal(status, 400, `${method} ${target}`);
        assert.match((body as { readonly errors: readonly string[] }).errors[0] ?? "", /Invalid worker name/u);
      }
      const target = `${path}/invoke-and-await?function=x`;
      assert.equal((await client.send("POST", target, { params: [] })).status, 400, target);
    }
  });

  test("a worker may be called find", async () => {
    assert.equal(await worker("find").invoke(api("bump")), 1);
    assert.equal((await worker("find").metadata())["status"], "Idle");
  });

  test("bodies of creation that don't fit", async () => {
    const wrong: readonly unknown[] = [
      {},
      { name: 7 },
      { name: "x", args: "a" },
      { name: "x", args: [1] },
      { name: "x", args: [], env: { A: 1 } },
      [],
      "x",
      null,
    ];
    for (const body of wrong) {
      const reply = await client.send("POST", workersPath, body);
      assert.equal(reply.status, 400, JSON.stringify([body, reply.body]));
      assert.ok((reply.body as { readonly errors: readonly string[] }).errors.length > 0);
    }
    const headers = { "content-type": "application/json; charset=utf-8" };
    assert.equal((await client.request("POST", workersPath, { body: "{", headers })).status, 400);
    const body = '{"name":"charset","args":[],"env":{},"unknown":1}';
    assert.equal((await client.request("POST", workersPath, { body, headers })).status, 200);
  });

  test("unknown workers: 404 with their id", async () => {
    const { path } = worker("nobody");
    const calls = [
      ["GET", path, undefined],
      ["DELETE", path, undefined],
      ["POST", `${path}/interrupt`, undefined],
      ["POST", `${path}/resume`, undefined],
    ] as const;
    for (const [method, target, json] of calls) {
      const { status, body } = await client.send(method, target, json);
      assert.equal(status, 404, target);
      assert.deepEqual(body, { error: `Worker not found: ${componentId}/nobody` });
    }
  });

  test("unknown components: 404", async () => {
    const base = `/v1/components/${unknownId}`;
    const calls = [
      ["POST", `${base}/workers`, { name: "x", args: [], env: {} }],
      ["GET", `${base}/workers`, undefined],
      ["POST", `${base}/workers/find`, {}],
      ["POST", `${base}/workers/x/invoke?function=f`, { params: [] }],
      ["POST", `${base}/workers/x/invoke-and-await?function=f`, { params: [] }],
      ["POST", `${base}/invoke?function=f`, { params: [] }],
      ["POST", `${base}/invoke-and-await?function=f`, { params: [] }],
    ] as const;
    for (const [method, target, json] of calls) {
      const { status, body } = await client.send(method, target, json);
      assert.equal(status, 404, `${target} ${JSON.stringify(body)}`);
      assert.match((body as { readonly error: string }).error, /^Couldn't retrieve the component/u);
    }
  });

  test("deletion ends the worker; the name begins a new life", async () => {
    const ended = worker("ended");
    await ended.invoke(api("bump"), [], "key");
    await ended.invoke(api("bump"));
    assert.deepEqual((await ended.send("DELETE", "")).body, {});
    assert.equal((await ended.send("GET", "")).status, 404);
    assert.equal((await ended.send("DELETE", "")).status, 404);
    await server.restart();
    assert.equal((await ended.send("GET", "")).status, 404);
    // Also the keys are forgotten.
    assert.equal(await ended.invoke(api("bump"), [], "key"), 1);
    await server.restart();
    assert.equal(await ended.invoke(api("count")), 1);
  });

  test("deleting a running worker answers its caller", async () => {
    const busy = worker("busy");
    const call = busy.invokeRaw(api("sleep"), [9000]);
    await eventually(
      async () => (await busy.send("GET", "")).status === 200 && (await busy.metadata())["status"] === "Running",
      "the worker runs",
    );
    assert.equal((await busy.send("DELETE", "")).status, 200);
    const { status, body } = await call;
    assert.equal(status, 500);
    assert.equal((body as { readonly golemError: JsonObject }).golemError["type"], "Interrupted");
    assert.equal(await busy.invoke(api("count")), 0);
  });

  test("invocations without a worker make one with a random name", async () => {
    const call = async (kind: string): Promise<JsonObject> => {
      const path = `/v1/components/${componentId}/${kind}?function=${encodeURIComponent(api("environment"))}`;
      return (await client.ok("POST", path, { params: [] })) as JsonObject;
    };
    const nameOf = (body: JsonObject): string => {
      const { value } = body["result"] as { readonly value: readonly [readonly (readonly [string, string])[]] };
      return Object.fromEntries(value[0])["GOLEM_WORKER_NAME"] ?? "";
    };
    const names = [nameOf(await call("invoke-and-await")), nameOf(await call("invoke-and-await"))];
    assert.notEqual(names[0], names[1]);
    for (const name of names) {
      assert.match(name, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
      assert.equal((await worker(name).metadata())["status"], "Idle");
    }
    assert.deepEqual(await call("invoke"), {});
  });

  test("a worker with an import that this server lacks: the call fails and names it", async () => {
    const id = await client.upload("lacking", await moduleGuest("lacking"));
    const lacking = client.worker(id, "w");
    assert.equal(await lacking.invoke("fine"), 7);
    const { status, body } = await lacking.invokeRaw("lost");
    assert.equal(status, 500);
    const { golemError } = body as { readonly golemError: { readonly type: string; readonly details: string } };
    assert.equal(golemError.type, "RuntimeError");
    assert.match(golemError.details, /test:missing\/nowhere@1\.0\.0/u);
    assert.match(golemError.details, /go-there/u);
  });

  test("resources: handles between calls, indexed resources, and what metadata says of them", async () => {
    const id = await client.upload("counters", await moduleGuest("counters"));
    const counters = client.worker(id, "counters");
    const name = (text: string): string => `test:counters/api.{${text}}`;
    const handle = await counters.invoke(name("counter.new"), [5]);
    assert.match(String(handle), new RegExp(`^urn:worker:${id}/counters/\\d+$`, "u"));
    assert.equal(await counters.invoke(name("counter.add"), [handle, 2]), 7);
    assert.equal(await counters.invoke(name("[method]counter.value"), [handle]), 7);
    await server.restart();
    assert.equal(await counters.invoke(name("counter.value"), [handle]), 7);
    const other = await counters.invoke(name("[constructor]counter"), [10]);
    const merged = await counters.invoke(name("[static]counter.merge"), [handle, other]);
    assert.equal(await counters.invoke(name("counter.value"), [merged]), 17);
    assert.equal(await counters.invoke(name("dropped")), 2);
    assert.equal(await counters.invoke(name("counter(3).add"), [4]), 7);
    assert.equal(await counters.invoke(name("counter(3).value")), 7);
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.equal(await counters.invoke(name("counter(3).value")), 7);
      const owned = Object.values(
        (await counters.metadata())["ownedResources"] as { readonly [id: string]: JsonObject },
      );
      assert.equal(owned.length, 2);
      assert.deepEqual(
        owned.map((item) => item["indexed"]),
        [null, { resourceName: "counter", resourceParams: ["3"] }],
      );
    }
    assert.equal((await counters.invokeRaw(name("counter.drop"), [merged])).status, 200);
    assert.equal((await counters.invokeRaw(name("counter(3).drop"))).status, 200);
    assert.equal(await counters.invoke(name("dropped")), 4);
    assert.deepEqual((await counters.metadata())["ownedResources"], {});
    for (const wrong of [merged, handle, `urn:worker:${id}/other/0`, "urn:nothing", 5]) {
      const { status, body } = await counters.invokeRaw(name("counter.value"), [wrong]);
      assert.ok(status === 400 || status === 500, JSON.stringify(body));
      if (status === 500) {
        const { golemError } = body as { readonly golemError: JsonObject };
        assert.ok(["ValueMismatch", "InvalidRequest"].includes(String(golemError["type"])), JSON.stringify(body));
      }
    }
    assert.equal((await counters.metadata())["status"], "Idle");
  });
});
