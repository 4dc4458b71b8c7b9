/** Guests that compute without an end: others are answered, what they compute is counted, and a quota ends them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, golemErrorOf } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const endless = 2n ** 62n;
const turns = 3_000_000;

async function usageOf(worker: WorkerClient): Promise<{ readonly fuel: number; readonly cpuMs: number }> {
  const { fuel, cpuMs } = (await worker.metadata())["usage"] as JsonObject;
  return { fuel: Number(fuel), cpuMs: Number(cpuMs) };
}

describe("endless loops", () => {
  let server: TestServer;
  let client: Client;
  let ledger: string;

  before(async () => {
    server = await TestServer.start({ flags: ["--executors", "1"] });
    client = new Client(() => server.url);
    ledger = await client.upload("ledger", await textGuest("ledger"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("of 8 workers let others be created, called, sleep and finish a computation of their own", async () => {
    const loops = Array.from({ length: 8 }, (_, index) => client.worker(ledger, `loop-${index}`));
    for (const loop of loops) await loop.enqueue("spin", [endless]);
    const all = loops.map((loop) => loop.metadata());
    assert.deepEqual(new Set((await Promise.all(all)).map(({ status }) => status)), new Set(["Running"]));
    const calls = Array.from({ length: 20 }, (_, index) => client.worker(ledger, `small-${index}`).invoke("add", [1]));
    assert.deepEqual(new Set(await Promise.all(calls)), new Set([1]));
    assert.equal(await client.worker(ledger, "sleeper").invoke("sleep", [20]), 1);
    assert.equal(await client.worker(ledger, "computer").invoke("spin", [turns]), turns);
    for (const loop of loops) assert.equal((await loop.send("DELETE", "")).status, 200);
  });
});

describe("what a worker computes", () => {
  test("is counted over its life, and in metrics", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const worker = client.worker(await client.upload("ledger", await textGuest("ledger")), "w");
    await worker.invoke("spin", [turns]);
    const once = await usageOf(worker);
    assert.ok(once.fuel >= turns && once.cpuMs > 0, JSON.stringify(once));
    await server.restart();
    assert.deepEqual(await usageOf(worker), once);
    await worker.invoke("spin", [turns]);
    const twice = await usageOf(worker);
    assert.equal(twice.fuel, once.fuel * 2);
    assert.ok(twice.cpuMs > once.cpuMs);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, /emet_guest_fuel_total\{.*\} \d{7}/u);
    assert.match(metrics, /emet_guest_cpu_seconds_total\{.*\} 0\.\d/u);
  });
});

describe("a quota of fuel", () => {
  test("ends an invocation after as many attempts as its policy gives, and fires in no replay", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const ledger = await client.upload("ledger", await textGuest("ledger"));
    const finished = client.worker(ledger, "before");
    assert.equal(await finished.invoke("spin", [turns]), turns);
    assert.equal(await finished.invoke("add", [5]), 5);
    await server.stop();
    await using limited = await TestServer.start({
      dataDirectory: server.dataDirectory,
      flags: ["--invocation-fuel-max", String(turns / 2)],
    });
    const again = new Client(() => limited.url);
    assert.equal(await again.worker(ledger, "before").invoke("add", [1]), 6);
    const greedy = again.worker(ledger, "greedy");
    const error = golemErrorOf(await greedy.invokeRaw("spin", [turns]));
    assert.match(JSON.stringify(error), /has used more fuel than one may: 1500000 units/u);
    const failed = async (): Promise<boolean> => (await greedy.metadata())["status"] === "Failed";
    await eventually(failed, "it has failed");
    const { retryCount } = await greedy.metadata();
    assert.ok(Number(retryCount) > 1, `it was tried ${Number(retryCount)} times`);
    assert.equal(await again.worker(ledger, "modest").invoke("spin", [1000]), 1000);
  });
});
