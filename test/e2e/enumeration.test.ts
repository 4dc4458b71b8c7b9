/** Enumeration of workers: filters, pages, positions (spec/service.md §5). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

interface Page {
  readonly workers: readonly { readonly workerId: { readonly workerName: string } }[];
  readonly cursor: { readonly cursor: number; readonly layer: number } | null;
}

const namesOf = (page: Page): readonly string[] => page.workers.map((worker) => worker.workerId.workerName);
const api = (name: string): string => `test:probe/api.{${name}}`;
const count = 23;

describe("enumeration", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  let path: string;
  let names: readonly string[];
  let created: readonly string[];

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    const probe = await moduleGuest("probe");
    componentId = await client.upload("probe", probe);
    path = `/v1/components/${componentId}/workers`;
    names = Array.from({ length: count }, (_, index) => `worker-${String(index).padStart(2, "0")}`);
    for (const [index, name] of names.entries()) {
      const env = index % 2 === 0 ? { PARITY: "even", Mode: "a" } : { PARITY: "odd" };
      await client.ok("POST", path, { name, args: [], env });
    }
    await client.worker(componentId, "worker-05").invokeRaw(api("exit"), [{ ok: null }]);
    await client.worker(componentId, "worker-07").invokeRaw(api("overflow"));
    const headers = { "content-type": "application/octet-stream" };
    const upload = { body: Uint8Array.from(probe), headers };
    await client.request("PUT", `/v1/components/${componentId}/upload`, upload);
    await client.worker(componentId, "worker-99").invoke(api("bump"));
    names = [...names, "worker-99"];
    created = await Promise.all(
      names.map(async (name) => String((await client.worker(componentId, name).metadata())["createdAt"])),
    );
  });
  after(() => server[Symbol.asyncDispose]());

  const get = async (query: string): Promise<Page> => (await client.ok("GET", `${path}?${query}`)) as Page;
  const find = async (body: unknown): Promise<Page> => (await client.ok("POST", `${path}/find`, body)) as Page;
  const filtered = async (...filters: readonly string[]): Promise<readonly string[]> =>
    namesOf(await get(filters.map((filter) => `filter=${encodeURIComponent(filter)}`).join("&")));

  async function all(next: (cursor: Page["cursor"]) => Promise<Page>): Promise<readonly string[]> {
    const found: string[] = [];
    let cursor: Page["cursor"] = { cursor: 0, layer: 0 };
    while (cursor !== null) {
      const page: Page = await next(cursor);
      found.push(...namesOf(page));
      ({ cursor } = page);
    }
    return found;
  }

  test("without parameters: the metadata of all, and a null cursor", async () => {
    const page = await get("");
    assert.deepEqual(namesOf(page), names);
    assert.equal(page.cursor, null);
    assert.deepEqual(page.workers[5], await client.worker(componentId, "worker-05").metadata());
    assert.deepEqual(await find({}), page);
    assert.deepEqual(await get("precise=true"), page);
  });

  test("pages by cursor, in the query and in the body", async () => {
    const byQuery = await all((cursor) => get(`count=5&cursor=${cursor?.layer}/${cursor?.cursor}`));
    assert.deepEqual(byQuery, names);
    assert.deepEqual(await all((cursor) => find({ cursor, count: 7, precise: true })), names);
    assert.deepEqual(await all((cursor) => find({ cursor, count: 1 })), names);
    const first = await get("count=5");
    assert.equal(first.workers.length, 5);
    assert.equal(first.cursor?.layer, 0);
  });

  test("a position outlasts a crash and the deletion of the worker that it stands at", async () => {
    const extra = ["zz-1", "zz-2", "zz-3", "zz-4"];
    for (const name of extra) await client.worker(componentId, name).invoke(api("bump"));
    const page = await find({ filter: { type: "Name", comparator: "Like", value: "zz-" }, count: 2 });
    assert.deepEqual(namesOf(page), ["zz-1", "zz-2"]);
    await server.restart();
    const next = { filter: { type: "Name", comparator: "Like", value: "zz-" }, count: 1, cursor: page.cursor };
    assert.deepEqual(namesOf(await find(next)), ["zz-3"]);
    await client.worker(componentId, "zz-2").send("DELETE", "");
    assert.deepEqual(namesOf(await find(next)), ["zz-3"]);
    await server.restart();
    assert.deepEqual(namesOf(await find(next)), ["zz-3"]);
    for (const name of extra) await client.worker(componentId, name).send("DELETE", "");
    assert.deepEqual(await find(next), { workers: [], cursor: null });
  });

  test("text filters of every property and comparator", async () => {
    const [first = "", second = ""] = names;
    for (const equal of ["=", "==", "equal", "eq"]) assert.deepEqual(await filtered(`name ${equal} ${first}`), [first]);
    for (const not of ["!=", "notequal", "ne"])
      assert.deepEqual(await filtered(`name ${not} ${first}`), names.slice(1));
    assert.deepEqual(
      await filtered("name like er-1"),
      names.filter((name) => name.includes("er-1")),
    );
    assert.deepEqual(
      await filtered("name notlike er-0"),
      names.filter((name) => !name.includes("er-0")),
    );
    assert.deepEqual(
      await filtered("env.PARITY = odd"),
      names.filter((_, index) => index % 2 === 1 && index < count),
    );
    assert.deepEqual(
      await filtered("env.parity like eve"),
      names.filter((_, index) => index % 2 === 0 && index < count),
    );
    assert.deepEqual(await filtered("version = 1"), ["worker-99"]);
    for (const ge of [">=", "greaterequal", "ge"]) assert.deepEqual(await filtered(`version ${ge} 1`), ["worker-99"]);
    for (const gt of [">", "greater", "gt"]) assert.deepEqual(await filtered(`version ${gt} 0`), ["worker-99"]);
    for (const le of ["<=", "lessequal", "le"]) assert.deepEqual(await filtered(`version ${le} 0`), names.slice(0, -1));
    for (const lt of ["<", "less", "lt"]) assert.deepEqual(await filtered(`version ${lt} 1`), names.slice(0, -1));
    assert.deepEqual(await filtered("status = Exited"), ["worker-05"]);
    assert.deepEqual(await filtered("status == failed"), ["worker-07"]);
    assert.deepEqual(await filtered("status > Retrying"), ["worker-05", "worker-07"]);
    assert.deepEqual(await filtered("status != idle"), ["worker-05", "worker-07"]);
    assert.deepEqual(await filtered(`created_at >= ${created[0]}`), names);
    assert.deepEqual(await filtered(`createdAt < ${created[0]}`), []);
    assert.deepEqual(await filtered(`created_at = ${created[1]}`, `name = ${second}`), [second]);
  });

  test("several filters are joined with AND, however the parameter is repeated", async () => {
    assert.deepEqual(await filtered("env.PARITY = odd", "status = Exited"), ["worker-05"]);
    assert.deepEqual(await filtered("env.PARITY = even", "status = Exited"), []);
    assert.deepEqual(await filtered("name like 0", "name like 1", "name like er-1"), ["worker-10"]);
  });

  test("JSON filters, nested", async () => {
    const cases: readonly (readonly [unknown, readonly string[]])[] = [
      [{ type: "Name", comparator: "Equal", value: "worker-03" }, ["worker-03"]],
      [
        { type: "Env", name: "mode", comparator: "Equal", value: "a" },
        names.filter((_, i) => i % 2 === 0 && i < count),
      ],
      [{ type: "Status", comparator: "GreaterEqual", value: "Failed" }, ["worker-05", "worker-07"]],
      [{ type: "Version", comparator: "NotEqual", value: 0 }, ["worker-99"]],
      [{ type: "CreatedAt", comparator: "Greater", value: "2000-01-01T00:00:00Z" }, names],
      [{ type: "And", filters: [] }, names],
      [{ type: "Or", filters: [] }, names],
      [{ type: "Not", filter: { type: "Name", comparator: "Like", value: "worker" } }, []],
      [
        {
          type: "Or",
          filters: [
            { type: "Name", comparator: "Equal", value: "worker-01" },
            {
              type: "And",
              filters: [
                { type: "Env", name: "PARITY", comparator: "Equal", value: "odd" },
                { type: "Not", filter: { type: "Status", comparator: "Equal", value: "Idle" } },
              ],
            },
          ],
        },
        ["worker-01", "worker-05", "worker-07"],
      ],
    ];
    for (const again of [false, true]) {
      if (again) await server.restart();
      for (const [filter, expected] of cases) {
        assert.deepEqual(namesOf(await find({ filter })), expected, JSON.stringify(filter));
        assert.deepEqual(await all((cursor) => find({ filter, cursor, count: 2 })), expected, JSON.stringify(filter));
      }
    }
    const example = {
      filter: {
        type: "And",
        filters: [
          { type: "Name", comparator: "Like", value: "er-1" },
          { type: "Status", comparator: "Equal", value: "Idle" },
        ],
      },
      count: 20,
      precise: true,
    };
    assert.equal((await find(example)).workers.length, 10);
  });

  test("running workers are found while they run", async () => {
    await client.worker(componentId, "busy").enqueue(api("sleep"), [1500]);
    await eventually(async () => (await filtered("status = Running")).includes("busy"), "busy is listed as running");
    await eventually(async () => (await filtered("status = Running")).length === 0, "it has come to rest");
    await client.worker(componentId, "busy").send("DELETE", "");
  });

  test("filters and parameters that are none", async () => {
    const wrong = [
      "filter=name",
      "filter=name+%3D",
      "filter=name+%3D+a+b",
      "filter=size+%3D+1",
      "filter=name+%3E+a",
      "filter=version+like+1",
      "filter=version+%3D+x",
      "filter=status+%3D+Busy",
      "filter=created_at+%3D+yesterday",
      "filter=name+%3D+a&filter=nonsense",
      "cursor=1",
      "cursor=0/x",
      "cursor=0/987654321",
      "count=x",
      "count=-1",
      "precise=maybe",
    ];
    for (const query of wrong) {
      const { status, body } = await client.send("GET", `${path}?${query}`);
      assert.equal(status, 400, query);
      assert.ok((body as { readonly errors: readonly string[] }).errors.length > 0);
    }
    const bodies: readonly unknown[] = [
      { filter: { type: "Other" } },
      { filter: { type: "Name", comparator: "Greater", value: "x" } },
      { filter: { type: "Version", comparator: "Equal", value: "1" } },
      { filter: { type: "And" } },
      { filter: { type: "Not", filter: null } },
      { cursor: "0/1" },
      { cursor: { cursor: 987_654_321, layer: 0 } },
      { count: "x" },
      [],
    ];
    for (const body of bodies) {
      const { status, body: reply } = await client.send("POST", `${path}/find`, body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.ok((reply as { readonly errors: readonly string[] }).errors.length > 0);
    }
    assert.deepEqual(await find({ filter: null, cursor: null, count: null, precise: null }), await get(""));
  });

  test("filters that are too large are refused, not followed", async () => {
    for (const depth of [199, 200, 3000, 1_000_000]) {
      const open = '{"type":"Not","filter":'.repeat(depth);
      const filter = `${open}{"type":"Name","comparator":"Equal","value":"x"}${"}".repeat(depth)}`;
      const init = { body: `{"filter":${filter}}`, headers: { "content-type": "application/json" } };
      assert.equal((await client.request("POST", `${path}/find`, init)).status, depth < 200 ? 200 : 400, `${depth}`);
    }
    const name: JsonObject = { type: "Name", comparator: "Equal", value: "x" };
    const wide = { type: "Or", filters: Array.from({ length: 10_000 }, () => name) };
    assert.equal((await client.send("POST", `${path}/find`, { filter: wide })).status, 400);
    const query = Array.from({ length: 250 }, () => "filter=name+%3D+x").join("&");
    assert.equal((await client.send("GET", `${path}?${query}`)).status, 400);
    assert.equal((await client.send("GET", "/healthcheck")).status, 200);
  });
});
