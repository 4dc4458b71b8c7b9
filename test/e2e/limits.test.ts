/** Limits that clients meet, endless loops, and components that can't start (spec/service.md §1.3, §8.1, §8.5). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, golemErrorOf } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { moduleGuest, textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const flags = ["--worker-memory-max", "262144", "--component-size-max", "60000", "--queued-invocations-max", "3"];
const api = (name: string): string => `test:probe/api.{${name}}`;
const endless = 2n ** 62n;

async function running(worker: WorkerClient): Promise<void> {
  const runs = async (): Promise<boolean> => {
    const { status, body } = await worker.send("GET", "");
    return status === 200 && (body as JsonObject)["status"] === "Running";
  };
  await eventually(runs, `${worker.path} runs`);
}

describe("limits", () => {
  let server: TestServer;
  let client: Client;
  let probe: string;
  let ledger: string;

  before(async () => {
    server = await TestServer.start({ flags });
    client = new Client(() => server.url);
    probe = await client.upload("probe", await moduleGuest("probe"));
    ledger = await client.upload("ledger", await textGuest("ledger"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("a memory that may not grow further doesn't, the same after a crash", async () => {
    const worker = client.worker(probe, "grows");
    assert.equal(await worker.invoke(api("grow"), [3]), 4);
    assert.equal(await worker.invoke(api("grow"), [1]), 4);
    await server.restart();
    assert.equal(await worker.invoke(api("grow"), [1]), 4);
    assert.equal((await worker.metadata())["totalLinearMemorySize"], 262_144);
  });

  test("a limit that was changed since changes no history, and holds for what is uploaded from then on", async () => {
    await using strict = await TestServer.start({ flags: ["--worker-memory-max", "262144"] });
    const first = new Client(() => strict.url);
    const path = first.worker(await first.upload("probe", await moduleGuest("probe")), "w").path;
    const [, , , component = ""] = path.split("/");
    assert.equal(await first.worker(component, "w").invoke(api("grow"), [9]), 1);
    await strict.stop();
    await using generous = await TestServer.start({
      dataDirectory: strict.dataDirectory,
      flags: ["--worker-memory-max", "1048576"],
    });
    const since = new Client(() => generous.url);
    assert.equal(await since.worker(component, "w").invoke(api("grow"), [9]), 1);
    const later = await since.upload("later", await moduleGuest("probe"));
    assert.equal(await since.worker(later, "w").invoke(api("grow"), [9]), 10);
  });

  test("a component that is too large is refused", async () => {
    const form = new FormData();
    form.set("name", "large");
    form.set("component", new Blob([new Uint8Array(60_001)]));
    const { status, body } = await client.request("POST", "/v1/components", { body: form });
    assert.equal(status, 400);
    assert.match((body as { readonly errors: readonly string[] }).errors.join(), /60001 bytes/u);
  });

  test("a full queue refuses further invocations and keeps those that it has", async () => {
    const worker = client.worker(probe, "queue");
    await worker.enqueue(api("sleep"), [1500]);
    await running(worker);
    for (const key of ["a", "b", "c"]) await worker.enqueue(api("bump"), [], key);
    const refused = await worker.invokeRaw(api("bump"));
    assert.equal(refused.status, 400);
    assert.match((refused.body as { readonly errors: readonly string[] }).errors.join(), /wait for this worker/u);
    await worker.enqueue(api("bump"), [], "a");
    assert.equal(await worker.invoke(api("bump"), [], "c"), 4);
  });

  test("an endless loop: others go on, it can be interrupted, resumed and deleted", async () => {
    const spinning = client.worker(ledger, "spinning");
    const call = spinning.invokeRaw("spin", [endless]);
    await running(spinning);
    for (let index = 0; index < 8; index++) {
      assert.equal(await client.worker(ledger, `beside-${index}`).invoke("add", [1]), 1);
    }
    assert.equal((await spinning.send("POST", "/interrupt")).status, 200);
    assert.equal(golemErrorOf(await call)["type"], "Interrupted");
    assert.equal((await spinning.metadata())["status"], "Interrupted");
    await spinning.send("POST", "/resume");
    await running(spinning);
    await server.restart();
    await running(spinning);
    assert.equal((await spinning.send("DELETE", "")).status, 200);
    assert.equal((await spinning.send("GET", "")).status, 404);
    assert.equal(await spinning.invoke("add", [2]), 2);
  });

  test("a server with an endless loop stops when it is told to", async () => {
    const looping = client.worker(ledger, "looping");
    await looping.enqueue("spin", [endless]);
    await running(looping);
    assert.equal(await server.stop(), 0);
    await server.start();
    await running(looping);
    await looping.send("DELETE", "");
  });

  test("a component that traps as it starts: creation fails, and so do invocations", async () => {
    const id = await client.upload("broken", await moduleGuest("broken"));
    const path = `/v1/components/${id}/workers`;
    const error = golemErrorOf(await client.send("POST", path, { name: "w", args: [], env: {} }));
    assert.equal(error["type"], "WorkerCreationFailed");
    assert.deepEqual(error["workerId"], { componentId: id, workerName: "w" });
    assert.match(String(error["details"]), /unreachable/u);
    const other = client.worker(id, "other");
    const failed = golemErrorOf(await other.invokeRaw("run"));
    assert.ok(["RuntimeError", "PreviousInvocationFailed"].includes(String(failed["type"])), JSON.stringify(failed));
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.equal((await other.metadata())["status"], "Failed");
      assert.equal(golemErrorOf(await other.invokeRaw("run"))["type"], "PreviousInvocationFailed");
    }
    assert.equal((await other.send("DELETE", "")).status, 200);
  });

  test("ephemeral components: created, invoked, listed, deleted", async () => {
    const form = new FormData();
    form.set("name", "ephemeral");
    form.set("componentType", "Ephemeral");
    form.set("component", new Blob([Uint8Array.from(await moduleGuest("echo"))]));
    const { body } = await client.request("POST", "/v1/components", { body: form });
    const { versionedComponentId } = body as { readonly versionedComponentId: { readonly componentId: string } };
    const worker = client.worker(versionedComponentId.componentId, "e");
    assert.equal(await worker.invoke("twice", [4], "k"), 8);
    await server.restart();
    assert.equal(await worker.invoke("twice", [5]), 10);
    const path = `/v1/components/${versionedComponentId.componentId}/invoke-and-await?function=twice`;
    assert.equal((await client.send("POST", path, { params: [1] })).status, 200);
    assert.equal((await worker.send("DELETE", "")).status, 200);
  });
});
