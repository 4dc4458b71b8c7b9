/** Oplogs through REST: pages of any size, values by the types of their time, searches, and workers left alone by it all. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { account, endedUpdates, oplogOf, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import type { OplogItem } from "../support/account.ts";
import type { Reply, WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

interface Page {
  readonly entries: readonly OplogItem[];
  readonly next: { readonly next_oplog_index: number; readonly current_component_version: number } | null;
  readonly firstIndexInChunk: number;
  readonly lastIndex: number;
}

describe("reading oplogs", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);
  const get = (of: WorkerClient, query: string): Promise<Reply> => of.send("GET", `/oplog?${query}`);
  const page = async (of: WorkerClient, query: string): Promise<Page> => {
    const { status, body } = await get(of, query);
    assert.equal(status, 200);
    return body as Page;
  };
  const indices = ({ entries }: Page): readonly number[] => entries.map(({ oplogIndex }) => oplogIndex);

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "300"] });
    client = new Client(() => server.url);
    id = await uploadAccounts(client, [{ version: 1 }]);
    await client.ok("POST", `/v1/components/${id}/workers`, { name: "read", args: ["x"], env: { A: "1" } });
    await worker("read").invoke("add", [5], "key-first");
    const second = await account({ version: 2 });
    await uploadVersion(client, id, second);
    await update(worker("read"), 1, "Automatic");
    await endedUpdates(worker("read"), 1);
    for (const amount of [100, 1000]) await worker("read").invoke("add", [amount], `key-${amount}`);
    await worker("read").send("POST", "/revert", { type: "revertLastInvocations", numberOfInvocations: 1 });
    await worker("read").invoke("slow-add", [7, 1], "key-last");
    await eventually(async () => (await worker("read").metadata())["status"] === "Idle", "it rests");
  });
  after(() => server[Symbol.asyncDispose]());

  test("gives all entries, in order, whatever the size of the pages", async () => {
    const all = await oplogOf(worker("read"));
    assert.deepEqual(
      all.map(({ oplogIndex }) => oplogIndex),
      all.map((_item, index) => index + 1),
    );
    const types = new Set(all.map(({ entry }) => entry.type));
    for (const type of ["Create", "PendingUpdate", "SuccessfulUpdate", "Revert", "ImportedFunctionInvoked"]) {
      assert.ok(types.has(type), type);
    }
    for (const count of [1, 2, 7]) {
      const items: OplogItem[] = [];
      for (let cursor = ""; ;) {
        const { entries, next, firstIndexInChunk, lastIndex } = await page(worker("read"), `count=${count}${cursor}`);
        assert.equal(lastIndex, all.length);
        assert.equal(firstIndexInChunk, items.length + 1);
        assert.equal(next === null, entries.length === 0);
        items.push(...entries);
        if (next === null) break;
        cursor = `&cursor=${next.next_oplog_index}-${next.current_component_version}`;
      }
      assert.deepEqual(items, all, `pages of ${count}`);
    }
    for (let from = 1; from <= all.length; from += 1) {
      assert.deepEqual((await page(worker("read"), `from=${from}&count=1`)).entries, [all[from - 1]]);
    }
    assert.deepEqual(await page(worker("read"), "from=100000&count=5"), {
      entries: [],
      next: null,
      firstIndexInChunk: 100_000,
      lastIndex: all.length,
    });
  });

  test("shows requests and results with their types", async () => {
    const all = await oplogOf(worker("read"));
    const entries = all.map(({ entry }) => entry);
    const [created] = entries;
    assert.match(String(created?.["timestamp"]), /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u);
    assert.deepEqual(
      [created?.["args"], created?.["env"], created?.["component_version"], created?.["initial_active_plugins"]],
      [["x"], { A: "1" }, 0, []],
    );
    const calls = entries.filter(({ type }) => type === "ExportedFunctionInvoked");
    assert.deepEqual(
      calls.map((entry) => [entry["function_name"], entry["idempotency_key"], entry["request"]]),
      [
        ["add", "key-first", [{ typ: { type: "U64" }, value: 5 }]],
        ["add", "key-100", [{ typ: { type: "U64" }, value: 100 }]],
        ["add", "key-1000", [{ typ: { type: "U64" }, value: 1000 }]],
        [
          "slow-add",
          "key-last",
          [
            { typ: { type: "U64" }, value: 7 },
            { typ: { type: "U64" }, value: 1 },
          ],
        ],
      ],
    );
    const results = entries.filter(({ type }) => type === "ExportedFunctionCompleted");
    const typ = { type: "Tuple", items: [{ type: "U64" }] };
    assert.deepEqual(
      results.map((entry) => entry["response"]),
      [5, 105, 1105, 112].map((sum) => ({ typ, value: [sum] })),
    );
  });

  test("finds entries by a query, page after page", async () => {
    const types = async (query: string): Promise<readonly string[]> =>
      (await oplogOf(worker("read"), `&query=${encodeURIComponent(query)}`)).map(({ entry }) => entry.type);
    assert.deepEqual(await types("key-100 AND exported-function"), [
      "ExportedFunctionInvoked",
      "ExportedFunctionInvoked",
    ]);
    assert.deepEqual(await types("successfulupdate OR revert"), ["SuccessfulUpdate", "Revert"]);
    assert.deepEqual(await types("amount=7"), ["ExportedFunctionInvoked"]);
    assert.deepEqual(await types('"KEY-FIRST"'), []);
    assert.deepEqual(await types("KEY-FIRST NOT pending-worker-invocation"), ["ExportedFunctionInvoked"]);
    const first = await page(worker("read"), "count=1&query=exported-function-invoked");
    assert.equal(first.entries.length, 1);
    const { next_oplog_index: index, current_component_version: version } = first.next ?? assert.fail("no next page");
    const second = await page(worker("read"), `count=100&query=exported-function-invoked&cursor=${index}-${version}`);
    assert.equal(second.entries.length, 3);
    assert.ok((indices(second)[0] ?? 0) > (indices(first)[0] ?? 0));
  });

  test("neither wakes nor loads the worker", async () => {
    const sleeping = worker("sleeping");
    await sleeping.invoke("sum");
    const call = sleeping.invoke("slow-add", [1, 1500]);
    await eventually(async () => (await sleeping.metadata())["status"] === "Suspended", "it is suspended");
    const asItWas = await sleeping.metadata();
    const all = await oplogOf(sleeping);
    assert.equal(all.at(-1)?.entry.type, "Suspend");
    assert.deepEqual(await sleeping.metadata(), asItWas);
    assert.equal(await call, 1);
    await server.restart();
    const rested = await oplogOf(sleeping);
    assert.deepEqual(rested.slice(0, all.length), all);
    assert.deepEqual(await oplogOf(sleeping), rested);
  });

  test("says what is wrong with a request", async () => {
    const refused = await get(worker("read"), "from=1&count=1&query=x");
    assert.deepEqual(refused, {
      status: 400,
      body: { errors: ["Cannot specify both the 'from' and the 'query' parameters"] },
    });
    for (const query of ["", "count=0", "count=x", "count=1&from=x", "count=1&cursor=5", "count=1&query=%28"]) {
      assert.equal((await get(worker("read"), query)).status, 400, query);
    }
    assert.equal((await get(worker("nobody"), "count=1")).status, 404);
    assert.equal((await page(worker("read"), "count=100000")).entries.length <= 100, true);
  });
});
