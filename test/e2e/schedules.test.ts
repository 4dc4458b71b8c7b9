/** Calls scheduled by clients, and what of promises and wake-ups can be seen. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EmetClient } from "@emet/contract/client";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

interface Schedule {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly target: { readonly workerName: string } | null;
  readonly function: string | null;
  readonly idempotencyKey: string | null;
}

interface Scheduled {
  readonly id: string;
  readonly idempotencyKey: string;
}

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const farAway = "2999-01-01T00:00:00.000Z";

describe("schedules and promises", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);

  const schedule = async (
    of: WorkerClient,
    call: { readonly function: string; readonly params: readonly unknown[]; readonly at: string },
    key?: string,
  ): Promise<Scheduled> => {
    const { function: name, ...body } = call;
    const { status, body: reply } = await of.send("POST", `/schedules?function=${name}`, body, key);
    assert.equal(status, 200, JSON.stringify(reply));
    return reply as Scheduled;
  };
  const schedules = async (of: WorkerClient): Promise<readonly Schedule[]> => {
    const { status, body } = await of.send("GET", "/schedules");
    assert.equal(status, 200);
    return (body as { readonly schedules: readonly Schedule[] }).schedules;
  };
  const sumIs = (of: WorkerClient, sum: number): Promise<unknown> =>
    eventually(async () => (await of.invoke("sum")) === sum, `the sum is ${sum}`);

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "300"] });
    client = new Client(() => server.url);
    id = await client.upload("ledger", await textGuest("ledger"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("a call is made at its time, once, though it was asked for twice", async () => {
    const call = { function: "add", params: [5], at: inMs(300) };
    const first = await schedule(worker("timely"), call, "key-1");
    assert.deepEqual(await schedule(worker("timely"), call, "key-1"), first);
    assert.equal(first.idempotencyKey, "key-1");
    await sumIs(worker("timely"), 5);
    await schedule(worker("timely"), { ...call, at: inMs(-1000) }, "key-1");
    await schedule(worker("timely"), { function: "add", params: [10], at: inMs(-1000) });
    await sumIs(worker("timely"), 15);
    assert.equal(await worker("timely").invoke("add", [5], "key-1"), 5);
    assert.equal(await worker("timely").invoke("sum"), 15);
  });

  test("what fell due while the server was down is made up for, acknowledged or not at all", async () => {
    await schedule(worker("late"), { function: "add", params: [1], at: inMs(200) });
    await server.restart();
    await sumIs(worker("late"), 1);
  });

  test("it is listed until it has been made, or cancelled", async () => {
    const of = worker("listed");
    const { id: first } = await schedule(of, { function: "add", params: [1], at: farAway }, "one");
    const { id: second } = await schedule(of, { function: "add", params: [2], at: "2998-01-01T00:00:00Z" }, "two");
    const listed = await schedules(of);
    assert.deepEqual(
      listed.map((each) => [each.id, each.at, each.kind, each.target?.workerName, each.function, each.idempotencyKey]),
      [
        [second, "2998-01-01T00:00:00.000Z", "Invocation", "listed", "add", "two"],
        [first, farAway, "Invocation", "listed", "add", "one"],
      ],
    );
    await server.restart();
    assert.equal((await schedules(of)).length, 2);
    const cancel = async (): Promise<unknown> => (await of.send("DELETE", `/schedules/${first}`)).body;
    assert.deepEqual(await cancel(), { canceled: true });
    assert.deepEqual(await cancel(), { canceled: false });
    await server.restart();
    assert.deepEqual(
      (await schedules(of)).map((each) => each.id),
      [second],
    );
    // Moved to a time that has come.
    await schedule(of, { function: "add", params: [2], at: inMs(0) }, "two");
    await sumIs(of, 2);
    assert.deepEqual(await schedules(of), []);
  });

  test("a cancelled call is never made, a made one never cancelled", async () => {
    const of = worker("raced");
    await of.invoke("add", [0]);
    let made = 0;
    for (let round = 0; round < 30; round += 1) {
      const { id: scheduled } = await schedule(of, { function: "add", params: [1], at: inMs(round % 3) });
      const { body } = await of.send("DELETE", `/schedules/${scheduled}`);
      if (!(body as { readonly canceled: boolean }).canceled) made += 1;
    }
    await eventually(async () => (await schedules(of)).length === 0, "all are made");
    assert.equal(await of.invoke("sum"), made);
  });

  test("a call that can't be made is refused when it is scheduled", async () => {
    const refusals = [
      ["function=nothing", { at: farAway, params: [] }, [400, 500]],
      ["function=add", { at: farAway, params: ["x"] }, [400]],
      ["function=add", { at: farAway, params: [] }, [400]],
      ["function=add", { at: "tomorrow", params: [1] }, [400]],
      ["function=add", { params: [1] }, [400]],
    ] as const;
    for (const [query, body, statuses] of refusals) {
      const { status } = await worker("refusing").send("POST", `/schedules?${query}`, body);
      assert.ok((statuses as readonly number[]).includes(status), `${query} ${status}`);
    }
    assert.equal((await worker("refusing").send("GET", "/schedules")).status, 404);
    const sleep = Buffer.from("sleep").toString("base64url");
    assert.equal((await worker("refusing").send("DELETE", `/schedules/${sleep}`)).status, 400);
  });

  test("integers keep all their digits", async () => {
    await schedule(worker("exact"), { function: "add", params: [18_446_744_073_709_551_615n], at: inMs(0) });
    await eventually(
      async () => (await worker("exact").invoke("sum")) === 18_446_744_073_709_551_615n,
      "the sum is the greatest number",
    );
  });

  test("the wake-up of a sleeping worker is seen, and the promises of one that waits", async () => {
    const sleeping = worker("sleeping");
    await sleeping.invoke("sum");
    const call = sleeping.invoke("sleep", [2000]);
    await eventually(async () => (await sleeping.metadata())["status"] === "Suspended", "it is suspended");
    const [wakeUp, ...others] = await schedules(sleeping);
    assert.deepEqual([wakeUp?.kind, wakeUp?.target, wakeUp?.function, others], ["WakeUp", null, null, []]);
    assert.equal(await call, 1);
    const asking = worker("asking");
    const oplogIdx = await asking.invoke("ask");
    const promises = async (): Promise<unknown> => (await asking.send("GET", "/promises")).body;
    const promiseId = { workerId: { componentId: id, workerName: "asking" }, oplogIdx };
    assert.deepEqual(await promises(), { promises: [{ promiseId, state: "Pending" }], cursor: null });
    await asking.send("POST", "/complete", { oplogIdx, data: [1] });
    assert.deepEqual(await promises(), { promises: [{ promiseId, state: "Completed" }], cursor: null });
    assert.equal((await worker("nobody").send("GET", "/promises")).status, 404);
  });

  test("long lists come in pages, which the typed client follows", async () => {
    const of = worker("paged");
    const emet = new EmetClient({ url: server.url });
    const workerId = { componentId: id, workerName: "paged" };
    const made: number[] = [];
    for (let index = 0; index < 5; index += 1) made.push(Number(await of.invoke("ask")));
    for (let index = 0; index < 5; index += 1) {
      // Two at the same time.
      const at = `2999-01-0${1 + Math.floor(index / 2)}T00:00:00.000Z`;
      await schedule(of, { function: "add", params: [index], at }, `key-${index}`);
    }
    for (const count of [1, 2, 3, 5, 7]) {
      const promises = await Array.fromAsync(emet.promises.list(workerId, { count }));
      assert.deepEqual(
        promises.map(({ promiseId }) => promiseId.oplogIdx),
        made.toReversed(),
      );
      const scheduled = await Array.fromAsync(emet.schedules.list(workerId, { count }));
      assert.deepEqual(
        scheduled.map(({ idempotencyKey }) => idempotencyKey),
        [0, 1, 2, 3, 4].map((index) => `key-${index}`),
      );
    }
    const { cursor } = await emet.schedules.page(workerId, { count: 2 });
    assert.equal((await of.send("GET", `/schedules?count=3&cursor=${cursor}`)).status, 200);
    for (const query of ["count=0", "count=10001", "count=x", "cursor=x", "cursor="]) {
      for (const list of ["promises", "schedules"]) {
        assert.equal((await of.send("GET", `/${list}?${query}`)).status, 400, `${list} ${query}`);
      }
    }
  });
});
