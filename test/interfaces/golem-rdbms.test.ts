/** golem:rdbms against real servers: what is recorded, what is repeated, and that a commit happens once. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { systemDatabases } from "../../packages/server/src/platform/databases/system-databases.ts";
import { Client } from "../support/client.ts";
import { TestDatabase } from "../support/databases.ts";
import { HoldingProxy } from "../support/holding-proxy.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import type { Way } from "../support/three-ways.ts";
import { threeWays } from "../support/three-ways.ts";

const databases = systemDatabases();

/** Built once, before the suites begin side by side. */
const guest = await jsGuest("rdbms");

/** What the database itself has, beside the server. */
async function ask(kind: "postgres" | "mysql", address: string, text: string): Promise<string[]> {
  const database = databases.open(kind, address);
  const session = await database.acquire();
  try {
    const { rows } = await session.run({ text, parameters: [] });
    return rows.map(([cell]) => String(cell?.val));
  } finally {
    database.release(session);
  }
}

const series = {
  postgres: (count: number) => `select n, repeat('x', 100) as text from generate_series(1, ${count}) as n`,
  mysql: (count: number) => `select seq as n, repeat('x', 100) as text from seq_1_to_${count}`,
} as const;

const long = {
  postgres: "select repeat('x', 1000000) from generate_series(1, 100)",
  mysql: "select repeat('x', 1000000) from seq_1_to_100",
} as const;

for (const kind of ["postgres", "mysql"] as const) {
  const database = await TestDatabase.start(kind);
  if (database === undefined) continue;
  const { address } = database;
  after(() => database[Symbol.asyncDispose]());
  await ask(kind, address, "create table things (worker varchar(40), number int)");

  const insert = (worker: string, number: number): string => `insert into things values ('${worker}', ${number})`;
  const numbers = async (worker: string): Promise<string[]> =>
    await ask(kind, address, `select number from things where worker = '${worker}' order by number`);
  const three = (worker: string): readonly string[] => [1, 2, 3].map((number) => insert(worker, number));
  const has =
    (...expected: readonly string[]) =>
    async (_way: Way, worker: string): Promise<void> =>
      assert.deepEqual(await numbers(worker), expected);

  describe(`golem:rdbms/${kind}`, () => {
    threeWays("rdbms", {
      "statements one after another": {
        call: "statements",
        parameters: (worker) => [kind, address, three(worker)],
        expected: ["1", "1", "1"],
        remembered: ["1", "1", "1"],
        verify: async (way, worker) => {
          const found = await numbers(worker);
          // The one that the kill interrupted may have happened, and is repeated.
          assert.deepEqual([...new Set(found)], ["1", "2", "3"]);
          assert.ok(found.length <= (way === "killed in the midst" ? 4 : 3), found.join());
        },
      },
      "a transaction that is committed": {
        call: "transact",
        parameters: (worker) => [kind, address, three(worker), "commit"],
        expected: ["1", "1", "1", "commit", "other: the transaction has ended"],
        remembered: ["1", "1", "1", "commit", "other: the transaction has ended"],
        verify: has("1", "2", "3"),
      },
      "a transaction that is rolled back": {
        call: "transact",
        parameters: (worker) => [kind, address, three(worker), "rollback"],
        expected: ["1", "1", "1", "rollback", "other: the transaction has ended"],
        verify: has(),
      },
      "a transaction that is dropped": {
        call: "transact",
        parameters: (worker) => [kind, address, three(worker), "drop"],
        expected: ["1", "1", "1", "drop"],
        verify: async (_way, worker) =>
          await eventually(async () => (await numbers(worker)).length === 0, "the transaction is rolled back").then(
            () => undefined,
          ),
      },
      "a stream": {
        call: "read-all",
        parameters: () => [kind, address, series[kind](20_000), false],
        expected: ([rows, pages]: readonly number[]) => {
          assert.equal(rows, 20_000);
          assert.ok((pages ?? 0) >= 20 && (pages ?? 0) < 100, `${pages} pages`);
        },
        remembered: ["20000 of n,text"],
      },
      "a stream in a transaction": {
        call: "read-all",
        parameters: () => [kind, address, series[kind](5000), true],
        expected: ([rows]: readonly number[]) => assert.equal(rows, 5000),
      },
      "a statement amid a stream": {
        call: "interleave",
        parameters: (worker) => [kind, address, series[kind](5000), insert(worker, 1)],
        expected: ["1", "5000"],
        verify: has("1"),
      },
      "a stream that is abandoned": {
        call: "abandon",
        parameters: (worker) => [kind, address, series[kind](50_000), insert(worker, 1)],
        expected: "1",
        remembered: ["1"],
        verify: has("1"),
      },
    });

    describe("a kill at the commit", async () => {
      const server = await TestServer.start();
      const proxy = await HoldingProxy.start(database.port);
      after(async () => {
        await server[Symbol.asyncDispose]();
        await proxy[Symbol.asyncDispose]();
      });
      const client = new Client(() => server.url);
      const component = await client.upload("rdbms", guest);
      const throughProxy = address.replace(`:${database.port}/`, `:${proxy.port}/`);

      const killWhileHeld = async (
        worker: string,
        held: HoldingProxy["hold"],
        reached: () => Promise<boolean>,
      ): Promise<Awaited<ReturnType<ReturnType<Client["worker"]>["invokeRaw"]>>> => {
        const caller = client.worker(component, worker);
        const parameters = [kind, throughProxy, three(worker), "commit"];
        proxy.hold = held;
        const call = caller.invokeRaw("transact", parameters, "key").catch(() => undefined);
        await eventually(reached, "the moment to kill comes");
        await server.kill();
        await call;
        proxy.reset();
        await server.start();
        return await caller.invokeRaw("transact", parameters, "key");
      };
      const committed = ["1", "1", "1", "commit", "other: the transaction has ended"];

      for (const mode of ["repeatable", "careful"] as const) {
        test(`${mode}: committed, but the answer did not come`, async () => {
          const worker = `answer-${mode}`;
          if (mode === "careful") await client.worker(component, worker).invoke("careful");
          const reply = await killWhileHeld(
            worker,
            { request: /commit\0|COMMIT/u, holds: "answer" },
            async () => (await numbers(worker)).length === 3,
          );
          assert.equal(reply.status, 200, JSON.stringify(reply.body));
          assert.deepEqual((reply.body as { readonly result: { readonly value: unknown[] } }).result.value, [
            committed,
          ]);
          assert.deepEqual(await numbers(worker), ["1", "2", "3"]);
        });
      }

      test("the commit did not reach the database", async () => {
        const worker = "request";
        const reply = await killWhileHeld(
          worker,
          { request: /commit\0|COMMIT/u, holds: "request" },
          async () => proxy.heldCount > 0,
        );
        assert.equal(reply.status, 200, JSON.stringify(reply.body));
        assert.deepEqual(await numbers(worker), ["1", "2", "3"]);
      });

      test("the database keeps the transaction open, as it knows nothing of the crash", async () => {
        const worker = "lingering";
        const reply = await killWhileHeld(
          worker,
          { request: /commit\0|COMMIT/u, holds: "request", lingers: true },
          async () => proxy.heldCount > 0,
        );
        assert.equal(reply.status, 200, JSON.stringify(reply.body));
        assert.deepEqual(await numbers(worker), ["1", "2", "3"]);
      });

      test("a transaction that may not be repeated fails", async () => {
        const worker = "careful-request";
        await client.worker(component, worker).invoke("careful");
        const { status, body } = await killWhileHeld(
          worker,
          { request: /', 3\)/u, holds: "answer" },
          async () => proxy.heldCount > 0,
        );
        assert.equal(status, 500);
        assert.match(JSON.stringify(body), /Non-idempotent remote write operation was not completed, cannot retry/u);
        assert.deepEqual(await numbers(worker), []);
      });
    });

    describe("what goes wrong", async () => {
      const server = await TestServer.start();
      after(() => server[Symbol.asyncDispose]());
      const client = new Client(() => server.url);
      const worker = client.worker(await client.upload("rdbms", guest), "hostile");
      const query = async (to: string, statement: string, params: readonly unknown[] = []): Promise<string> =>
        String(await worker.invoke("query", [kind, to, statement, JSON.stringify(params)]));

      test("is told as the right error", async () => {
        assert.match(await query("nonsense", "select 1"), /^connection-failure: invalid address/u);
        assert.match(await query("http://127.0.0.1/", "select 1"), /^connection-failure: invalid address/u);
        assert.match(await query(`${kind}://user@127.0.0.1:1/x`, "select 1"), /^connection-failure: .*ECONNREFUSED/u);
        const elsewhere = address.replace(/[^/]+$/u, "nowhere");
        assert.match(await query(elsewhere, "select 1"), /^connection-failure: .*nowhere/u);
        assert.match(await query(address, "selec 1"), /^query-execution-failure: .*syntax/u);
        assert.match(await query(address, "select * from nowhere"), /^query-execution-failure: .*nowhere/u);
        assert.match(await query(address, `select ${kind === "mysql" ? "?" : "$1"}`), /^query-parameter-failure: /u);
        assert.match(await query(address, long[kind]), /^query-response-failure: the result is larger than/u);
        assert.match(await query(address, "select 1"), /^\{/u);
      });

      test("of a huge result can be read as a stream", async () => {
        assert.equal(((await worker.invoke("read-all", [kind, address, long[kind], false])) as number[])[0], 100);
        assert.equal(((await worker.invoke("read-all", [kind, address, long[kind], true])) as number[])[0], 100);
      });

      test("with what one worker leaves in its session is no other's business", async () => {
        await worker.invoke("statements", [
          kind,
          address,
          [kind === "mysql" ? "set @left = 1" : "set search_path = left_behind"],
        ]);
        const shown = kind === "mysql" ? "select @left" : "show search_path";
        assert.doesNotMatch(
          JSON.stringify((JSON.parse(await query(address, shown)) as { rows: unknown }).rows),
          /left_behind|1/u,
        );
      });

      test("with thousands of connections costs nothing", async () => {
        assert.equal(await worker.invoke("many", [kind, address, 5000]), 5000);
        assert.deepEqual(await worker.invoke("hold", [kind, address, 20]), []);
        assert.deepEqual(await worker.invoke("hold", [kind, address, 20]), []);
      });
    });
  });
}
