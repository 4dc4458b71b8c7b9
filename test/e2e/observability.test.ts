/** What operators see: metrics for Prometheus, and the log. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { moduleGuest, textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;

type Labels = { readonly [name: string]: string };

/** The sum of all series of a metric that have these labels. */
async function metric(server: TestServer, name: string, labels: Labels = {}): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  let sum = 0;
  for (const [, given = "", value] of text.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, "gmu"))) {
    if (Object.entries(labels).every(([key, wanted]) => given.includes(`${key}="${wanted}"`))) sum += Number(value);
  }
  return sum;
}

interface Line {
  readonly level: string;
  readonly message: string;
  readonly time: string;
  readonly [field: string]: unknown;
}

function linesOf(server: TestServer): readonly Line[] {
  const whole = server.errors.slice(0, server.errors.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

describe("metrics", () => {
  test("count invocations by component and outcome, oplog entries, loads, requests and commits", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const binary = await moduleGuest("probe");
    const [first, second] = [await client.upload("first", binary), await client.upload("second", binary)];
    for (let call = 0; call < 5; call += 1) await client.worker(first, "w").invoke(api("bump"));
    await client.worker(second, "w").invoke(api("bump"));
    assert.equal((await client.worker(second, "w").invokeRaw("nothing")).status, 500);
    const component = first;
    assert.equal(await metric(server, "emet_invocations_total", { component, outcome: "completed" }), 5);
    assert.equal(await metric(server, "emet_invocations_total", { component: second }), 2);
    assert.equal(await metric(server, "emet_invocation_duration_seconds_count", { component }), 5);
    assert.ok((await metric(server, "emet_invocation_duration_seconds_sum", { component })) > 0);
    const entries = await metric(server, "emet_oplog_entries_total", { component });
    // Creation, and a beginning and an end of each.
    assert.ok(entries >= 11, String(entries));
    assert.ok((await metric(server, "emet_oplog_bytes_total", { component })) > entries);
    assert.equal(await metric(server, "emet_load_duration_seconds_count", { component }), 1);
    const route = "/v1/components/{component_id}/workers/{worker_name}/invoke-and-await";
    assert.equal(await metric(server, "emet_http_requests_total", { route, status: "200" }), 6);
    assert.ok((await metric(server, "emet_storage_commit_duration_seconds_count")) > 0);
    assert.ok((await metric(server, "emet_storage_database_bytes")) > 0);
    assert.ok((await metric(server, "process_resident_memory_bytes")) > 0);
    assert.equal(await metric(server, "emet_workers_loaded"), 2);
    await server.restart();
    assert.equal(await client.worker(first, "w").invoke(api("bump")), 6);
    // With the call that it was loaded for.
    assert.equal(await metric(server, "emet_replayed_entries_total", { component }), entries + 1);
  });

  test("paths of all kinds become few routes", async () => {
    await using server = await TestServer.start();
    for (let path = 0; path < 30; path += 1) await fetch(`${server.url}/unknown/${path}/x`);
    assert.equal(await metric(server, "emet_http_requests_total", { route: "other", status: "404" }), 30);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.doesNotMatch(text, /unknown/u);
  });
});

describe("the log", () => {
  test("has a line of JSON for each failure, with component and worker, and for what the server does", async () => {
    await using server = await TestServer.start({ flags: ["--log-level", "debug"] });
    const client = new Client(() => server.url);
    const component = await client.upload("broken", await moduleGuest("broken"));
    await client.worker(component, "w").invokeRaw("run");
    await eventually(() => Promise.resolve(linesOf(server).some(({ level }) => level === "error")), "it is logged");
    const failed = linesOf(server).find(({ level }) => level === "error");
    assert.deepEqual([failed?.message, failed?.["component"], failed?.["worker"]], ["worker failed", component, "w"]);
    assert.match(String(failed?.["error"]), /unreachable|trap/u);
    assert.match(String(failed?.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u);
    assert.ok(
      linesOf(server).some(({ level }) => level === "warn"),
      "it was tried again before",
    );
    const answered = linesOf(server).find(({ message }) => message === "invocation answered");
    assert.equal(answered?.["outcome"], "failed");
    await server.stop();
    const messages = linesOf(server).map(({ message }) => message);
    assert.equal(messages[0], "server started");
    assert.equal(messages.at(-1), "server stopped");
  });

  test("is text where that is wanted, and silent where that is", async () => {
    await using text = await TestServer.start({ flags: ["--log-format", "text"] });
    await eventually(() => Promise.resolve(text.errors.includes("server started")), "it is logged");
    assert.match(text.errors, /^\d\d:\d\d:\d\d\.\d{3} INFO server started version=\S+ url=http:/mu);
    await using silent = await TestServer.start({ flags: ["--log-level", "silent"] });
    await new Client(() => silent.url).upload("ledger", await textGuest("ledger"));
    assert.equal(silent.errors, "");
  });
});
