/** Shards that move between executor threads while their workers are called: nobody notices but by the time it takes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Placement } from "../../packages/server/src/cluster/shards.ts";
import { shardOf } from "../../packages/server/src/platform/worker-shards.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const endless = 2n ** 62n;
const executors = 2;
const flags = ["--executors", String(executors), "--rebalance-ms", "100"];

/** Names of workers that begin on that executor. */
function namesOn(componentId: string, executor: number, prefix: string): Generator<string> {
  const placement = new Placement(executors);
  return (function* () {
    for (let index = 0; ; index += 1) {
      const workerName = `${prefix}-${index}`;
      if (placement.ownerOf(shardOf({ componentId, workerName })) === executor) yield workerName;
    }
  })();
}

function take(names: Generator<string>, count: number): readonly string[] {
  return Array.from({ length: count }, () => String(names.next().value));
}

/** Of a metric that executors have, by executor or outcome. */
async function metric(server: TestServer, name: string, label: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name}{`) && each.includes(`"${label}"`));
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}

const moved = (server: TestServer): Promise<number> => metric(server, "emet_executor_moved_shards_total", "moved");

/** Endless loops keep executor 0 busy from here on; they must have begun before anything is moved. */
async function heat(client: Client, ledger: string, loops = 1): Promise<void> {
  const names = take(namesOn(ledger, 0, "loop"), loops);
  await Promise.all(names.map((name) => client.worker(ledger, name).enqueue("spin", [endless])));
}

describe("an executor thread with endless loops", () => {
  test("gives the other workers away, and they answer all the time", async () => {
    await using server = await TestServer.start({ flags: ["--executors", "2", "--rebalance-ms", "300"] });
    const client = new Client(() => server.url);
    const ledger = await client.upload("ledger", await textGuest("ledger"));
    const names = take(namesOn(ledger, 0, "small"), 20);
    for (const name of names) assert.equal(await client.worker(ledger, name).invoke("add", [1]), 1);
    const sleeper = client.worker(ledger, String(namesOn(ledger, 0, "sleeper").next().value));
    const oplogIdx = await sleeper.invoke("ask");
    const received = sleeper.invoke("receive");
    await heat(client, ledger, 8);
    let rounds = 1;
    await eventually(async () => {
      const results = await Promise.all(names.map((name) => client.worker(ledger, name).invoke("add", [1])));
      rounds += 1;
      assert.deepEqual(new Set(results), new Set([rounds]));
      return (await metric(server, "emet_executor_shards", "0")) < 100;
    }, "executor 0 has given away what it could");
    assert.ok((await moved(server)) > 300);
    assert.equal(await metric(server, "emet_executor_shards", "0") + (await metric(server, "emet_executor_shards", "1")), 1024); // oxfmt-ignore
    assert.equal((await sleeper.send("POST", "/complete", { oplogIdx, data: [9] })).status, 200);
    await received;
    assert.equal(await sleeper.invoke("sum"), 9);
    await server.restart();
    const sums = await Promise.all(names.map((name) => client.worker(ledger, name).invoke("sum")));
    assert.deepEqual(new Set(sums), new Set([rounds]));
  });
});

describe("an executor thread with many workers", () => {
  test("keeps more of them in memory than its equal share while the other needs none", async () => {
    await using server = await TestServer.start({ flags: [...flags, "--loaded-workers-max", "40"] });
    const client = new Client(() => server.url);
    const ledger = await client.upload("ledger", await textGuest("ledger"));
    const names = take(namesOn(ledger, 0, "w"), 30);
    await eventually(async () => {
      await Promise.all(names.map((name) => client.worker(ledger, name).invoke("add", [1])));
      return (await metric(server, "emet_workers_loaded", "0")) === names.length;
    }, "all are in memory");
    const shares = [await metric(server, "emet_executor_memory_share", "0"), await metric(server, "emet_executor_memory_share", "1")]; // oxfmt-ignore
    assert.ok((shares[0] ?? 0) >= 0.75 && (shares[1] ?? 0) >= 0.125, String(shares));
    assert.ok((shares[0] ?? 0) + (shares[1] ?? 0) <= 1, String(shares));
  });
});

describe("calls by key", () => {
  test("come in order and run once while shards move, and the process and a thread are killed", async () => {
    await using server = await TestServer.start({
      flags: [...flags, "--executor-ping-ms", "50", "--executor-timeout-ms", "1000"],
    });
    const client = new Client(() => server.url);
    const ledger = await client.upload("ledger", await textGuest("ledger"));
    const hang = await client.upload("endless-start", await textGuest("endless-start"));
    const names = take(namesOn(ledger, 0, "counter"), 12);
    const ended = new AbortController();
    const counts = names.map(async (name, index) => {
      const worker = client.worker(ledger, name);
      let count = 0;
      while (!ended.signal.aborted) {
        count += 1;
        const key = `call-${count}`;
        const call = (): Promise<unknown> => worker.invoke("add", [1], key);
        // Two at a time, in order, of which the first isn't awaited.
        if (index % 2 === 0) {
          count += 1;
          await untilDone(() => worker.enqueue("add", [1], `before-${key}`));
        }
        assert.equal(await untilDone(call), count);
      }
      return count;
    });
    const all = Promise.all(counts);
    const moving = async (): Promise<void> => {
      await heat(client, ledger);
      await eventually(async () => (await moved(server)) > 100, "shards move");
    };
    await moving();
    await server.restart();
    await moving();
    // It hangs its thread, and each that replaces it, until the call is given up.
    const hanging = await client.worker(hang, "w").invokeRaw("f");
    assert.match(JSON.stringify(hanging.body), /executor thread ended/u);
    await moving();
    ended.abort();
    const expected = await all;
    const sums = await Promise.all(names.map((name) => client.worker(ledger, name).invoke("sum")));
    assert.deepEqual(sums, expected);
  });

  test("between workers run once while these move", async () => {
    await using server = await TestServer.start({ flags: [...flags, "--suspend-after-ms", "100"] });
    const client = new Client(() => server.url);
    const ledger = await client.upload("ledger", await textGuest("ledger"));
    const rpc = await client.upload("rpc", await jsGuest("rpc"));
    const [callers, callees] = [take(namesOn(rpc, 0, "caller"), 6), take(namesOn(rpc, 0, "callee"), 3)];
    await heat(client, ledger);
    let rounds = 0;
    await eventually(async () => {
      rounds += 1;
      const call = (name: string, index: number): Promise<unknown> =>
        client.worker(rpc, name).invoke("call-in-turn", [callees[index % callees.length], 2, (index % 3) * 120]);
      await Promise.all(callers.map(call));
      return (await moved(server)) > 300;
    }, "shards have moved");
    const totals = await Promise.all(callees.map((name) => client.worker(rpc, name).invoke("total")));
    assert.equal(
      totals.map(Number).reduce((sum, total) => sum + total),
      callers.length * 2 * rounds,
    );
  });
});

async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  return await eventually(async () => {
    const outcome = await call().then(
      (value) => ({ value }),
      (error: unknown) => {
        // Where the connection ends nothing is known of the call.
        if (!(error instanceof TypeError) && !/stopping|executor thread ended/u.test(String(error))) throw error;
        return undefined;
      },
    );
    return outcome;
  }, "the call is answered").then(({ value }) => value);
}
