/** More workers than may be in memory: nothing ends but what has to make room, and everybody gets an answer. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { WorkerClient } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

interface Crowd {
  readonly server: TestServer;
  readonly client: Client;
  readonly ledger: string;
}

async function crowd(...flags: readonly string[]): Promise<Crowd> {
  const server = await TestServer.start({ flags: ["--executors", "1", ...flags] });
  const client = new Client(() => server.url);
  return { server, client, ledger: await client.upload("ledger", await textGuest("ledger")) };
}

/** The sum over all series of a metric that have the label. */
async function metric({ server }: Crowd, name: string, label = ""): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

function workers({ client, ledger }: Crowd, count: number): readonly WorkerClient[] {
  return Array.from({ length: count }, (_, index) => client.worker(ledger, `w${index}`));
}

describe("more workers than may be in memory", () => {
  test("idle ones leave, all are answered, and none has lost anything", async () => {
    const place = await crowd("--loaded-workers-max", "10");
    await using server = place.server;
    const all = workers(place, 60);
    for (const round of [1, 2, 3]) {
      const sums = await Promise.all(all.map((worker) => worker.invoke("add", [1])));
      assert.deepEqual(new Set(sums), new Set([round]));
      assert.ok((await metric(place, "emet_workers_loaded")) <= 10);
    }
    assert.ok(server.running);
  });

  test("those that sleep make room, although they would wake soon, and wake in time", async () => {
    const place = await crowd("--loaded-workers-max", "5", "--suspend-after-ms", "600000");
    await using server = place.server;
    const sleepers = workers(place, 30);
    const slept = Promise.all(sleepers.map((worker) => worker.invoke("sleep", [3000])));
    assert.equal(await place.client.worker(place.ledger, "other").invoke("add", [1]), 1);
    assert.deepEqual(new Set(await slept), new Set([1]));
    assert.ok((await metric(place, "emet_evictions_total", 'reason="waiting"')) > 0);
    assert.ok(server.running);
  });

  test("a sleeper that made room is recovered after a kill", async () => {
    const place = await crowd("--loaded-workers-max", "2", "--suspend-after-ms", "600000");
    await using server = place.server;
    const sleepers = workers(place, 6);
    for (const worker of sleepers) await worker.enqueue("sleep", [4000]);
    const suspended = async (): Promise<boolean> => {
      const found = await Promise.all(sleepers.map((worker) => worker.metadata()));
      return found.filter(({ status }) => status === "Suspended").length >= 4;
    };
    await eventually(suspended, "most sleepers have left memory");
    await server.restart();
    await eventually(
      async () => (await Promise.all(sleepers.map((worker) => worker.invoke("sum")))).every((sum) => sum === 1),
      "all have woken",
    );
  });

  test("a component has no more of them than its share, and others go on beside it", async () => {
    const place = await crowd("--loaded-workers-max", "8", "--component-loaded-share", "50");
    await using server = place.server;
    const other = await place.client.upload("other", await textGuest("ledger"));
    const mine = place.client.worker(other, "mine");
    assert.equal(await mine.invoke("add", [1]), 1);
    await Promise.all(workers(place, 40).map((worker) => worker.invoke("add", [1])));
    assert.equal(await metric(place, "emet_evictions_total", other), 0);
    assert.ok((await metric(place, "emet_evictions_total", place.ledger)) > 0);
    assert.equal(await metric(place, "emet_workers_loaded"), 5);
    assert.equal(await mine.invoke("add", [1]), 2);
    assert.ok(server.running);
  });
});

describe("more memory than there may be", () => {
  test("workers that grow push others out, and none is lost", async () => {
    // Three workers of the ledger with their pages, and what the host holds for them.
    const place = await crowd("--linear-memory-max", "300000");
    await using server = place.server;
    const sums = await Promise.all(workers(place, 20).map((worker) => worker.invoke("add", [1])));
    assert.deepEqual(new Set(sums), new Set([1]));
    assert.ok((await metric(place, "emet_workers_loaded")) <= 3);
    assert.ok(server.running);
  });
});
