/** `emet route` against a server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";

const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const run = promisify(execFile);

let server: TestServer;

async function emet(...parameters: readonly string[]): Promise<string> {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  const { stdout } = await run(process.execPath, [...flags, main, "route", ...parameters, "--url", server.url]);
  return stdout.trim();
}

before(async () => {
  server = await TestServer.start();
  await new Client(() => server.url).upload("http-handler", await jsGuest("http-handler"));
});

after(() => server[Symbol.asyncDispose]());

describe("emet route", () => {
  it("adds, lists and removes routes", async () => {
    const options = ["--worker-parameter", "name", "--method", "get", "--host", "localhost"];
    const id = await emet("add", "/w/{name}", "http-handler", ...options);
    const [, listed = ""] = (await emet("list")).split("\n");
    assert.deepEqual(listed.split(/ {2,}/u), [id, "GET", "localhost", "/w/{name}", "http-handler", "{name}"]);
    const { port } = new URL(server.customUrl);
    assert.equal((await fetch(`http://localhost:${port}/w/x/none`)).status, 204);
    assert.equal((await fetch(`http://127.0.0.1:${port}/w/x/none`)).status, 404);
    await emet("remove", id);
    assert.equal((await emet("list")).split("\n").length, 1);
  });

  it("says why it failed", async () => {
    await assert.rejects(emet("add", "/x", "no-such"), /There is no component "no-such"/u);
    await assert.rejects(emet("remove", "no-such"), /Route not found: no-such/u);
    await assert.rejects(emet("add", "/x", "http-handler", "--worker", "a", "--worker-header", "b"), /only one of/u);
  });
});
