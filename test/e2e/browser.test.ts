/** The typed client in a real browser, and what the server lets web pages do. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Where suites must not be left out there is one. */
const required = process.env["EMET_TOOLCHAINS"] === "required";
const browser = browsers.find((path) => existsSync(path));

/** Uses the client as a page does: by an import map, without a bundler. */
const page = (url: string): string => `<!doctype html><html><body><pre id="result">unfinished</pre>
<script type="importmap">{"imports":{
  "@emet/contract/client":"/contract/dist/client/index.js",
  "@emet/component/values":"/component/dist/values.js"}}</script>
<script type="module">
  const show = (value) => { document.getElementById("result").textContent = value; };
  try {
    const { EmetClient, EmetError, formatJson } = await import("@emet/contract/client");
    const emet = new EmetClient({ url: "${url}" });
    const [component] = await emet.components.list("ledger");
    const id = { componentId: component.versionedComponentId.componentId, workerName: "in-browser" };
    const { value } = await emet.workers.invoke(id, "add", [1]);
    const stream = emet.workers.connect(id);
    const next = stream[Symbol.asyncIterator]().next();
    await emet.workers.invoke(id, "add", [1]);
    const event = (await next).value.kind;
    const code = await emet.workers.get({ ...id, workerName: "none" }).catch((error) => error instanceof EmetError && error.code);
    show(formatJson({ value, event, code }));
  } catch (error) { show("failed: " + error); }
</script></body></html>`;

describe("web pages", () => {
  let pages: Server;
  let server: TestServer;
  let origin = "";

  before(async () => {
    pages = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://pages").pathname;
      if (path === "/") {
        response.setHeader("content-type", "text/html").end(page(server.url));
        return;
      }
      readFile(join(root, "packages", path)).then(
        (content) => response.setHeader("content-type", "text/javascript").end(content),
        () => response.writeHead(404).end(),
      );
    });
    pages.listen(0, "127.0.0.1");
    await once(pages, "listening");
    origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    server = await TestServer.start({ flags: ["--cors-origins", origin] });
    await new Client(() => server.url).upload("ledger", await textGuest("ledger"));
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    pages.close();
  });

  test(
    "of an allowed origin use the typed client",
    { skip: browser === undefined && !required ? "there is no Chromium here" : false },
    async () => {
      const profile = await mkdtemp(join(tmpdir(), "emet-browser-"));
      try {
        const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
        const shown = await run(browser ?? "", [...flags, "--virtual-time-budget=20000", "--dump-dom", origin], {
          timeout: 90_000,
        });
        const [, result = shown.stdout] = /<pre id="result">(.*)<\/pre>/u.exec(shown.stdout) ?? [];
        const expected = { value: [1], event: "invocation-start", code: "not-found" };
        assert.deepEqual(JSON.parse(result.replaceAll("&quot;", '"')), expected, result);
      } finally {
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  );

  test("of others are refused, requests and sockets alike, and preflights are answered", async () => {
    const path = `${server.url}/v1/components`;
    const evil = await fetch(path, { headers: { origin: "https://evil.example" } });
    assert.equal(evil.status, 403);
    assert.match(await evil.text(), /^\{"error":"Web pages of https:\/\/evil\.example may not/u);
    assert.equal(evil.headers.get("access-control-allow-origin"), null);
    const preflight = await fetch(path, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "idempotency-key" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "idempotency-key");
    const allowed = await fetch(path, { headers: { origin } });
    assert.deepEqual([allowed.status, allowed.headers.get("access-control-allow-origin")], [200, origin]);
    const worker = "00000000-0000-4000-8000-000000000000/workers/w/connect";
    const socket = new WebSocket(`${path.replace("http", "ws")}/${worker}`, { origin: "https://evil.example" });
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, { readonly statusCode: number }];
    assert.equal(response.statusCode, 403);
    socket.on("error", () => undefined);
    socket.terminate();
  });
});
