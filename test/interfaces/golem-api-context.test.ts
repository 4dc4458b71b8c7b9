/** golem:api/context: spans three ways; their headers from and to the outside; their export to a collector. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";

threeWays("context", {
  "spans nest, have attributes, and are the same at replay": {
    call: "spans",
    parameters: () => [60],
    expected: [
      "blue undefined big",
      "blue,red",
      "color=blue,red",
      "name,color",
      "6",
      "red",
      "true",
      "16 32",
      "red",
      "spans",
    ],
  },
});

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
}

const traceId = "0af7651916cd43dd8448eb211c80319c";

describe("traces", () => {
  let remote: Server;
  let server: TestServer;
  let client: Client;
  let id: string;
  const received: IncomingHttpHeaders[] = [];
  const exported: ExportedSpan[] = [];
  const authority = (): string => `127.0.0.1:${(remote.address() as AddressInfo).port}`;
  const invoke = async (name: string, call: string, params: readonly unknown[], headers = {}): Promise<unknown> => {
    const path = `/v1/components/${id}/workers/${name}/invoke-and-await?function=${call}`;
    const { status, body } = await client.send("POST", path, { params }, headers);
    assert.equal(status, 200, JSON.stringify(body));
    return (body as { readonly result: { readonly value: readonly unknown[] } }).result.value[0];
  };
  const traced = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "a=1, b=2" };

  before(async () => {
    remote = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (request.url === "/v1/traces") {
          const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as {
            readonly resourceSpans: readonly {
              readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
            }[];
          };
          exported.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        } else received.push(request.headers);
        response.end("{}");
      });
    });
    remote.listen(0, "127.0.0.1");
    await once(remote, "listening");
    server = await TestServer.start({ flags: ["--trace-endpoint", `http://${authority()}`] });
    client = new Client(() => server.url);
    id = await client.upload("context", await jsGuest("context"));
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    remote.close();
  });

  test("a client's span is the parent of the invocation's, also at replay", async () => {
    await using untraced = await TestServer.start();
    const plain = new Client(() => untraced.url);
    const component = await plain.upload("context", await jsGuest("context"));
    const ids = async (name: string, call: string, headers = {}): Promise<readonly unknown[]> => {
      const path = `/v1/components/${component}/workers/${name}/invoke-and-await?function=${call}`;
      const { body } = await plain.send("POST", path, { params: [] }, headers);
      return (body as { readonly result: { readonly value: readonly [readonly unknown[]] } }).result.value[0];
    };
    const first = await ids("traced", "ids", traced);
    assert.deepEqual([first[0], first[1], first[4], first[5]], [traceId, "b7ad6b7169203331", "tracestate", "a=1,b=2"]);
    assert.match(String(first[3]), new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`, "u"));
    await untraced.restart();
    assert.deepEqual(await ids("traced", "observe"), first);
    const [own, parent] = await ids("untraced", "ids", { traceparent: "nonsense" });
    assert.match(String(own), /^[0-9a-f]{32}$/u);
    assert.equal(parent, "none");
  });

  test("with a collector the request is a span between the client's and the invocation's, and calls are spans, too", async () => {
    exported.length = 0;
    await invoke("chain", "remote-ids", ["chained"], traced);
    await invoke("chain", "request", [authority(), true], traced);
    const all = (name: RegExp): readonly ExportedSpan[] => exported.filter((span) => name.test(span.name));
    await eventually(
      () => Promise.resolve(all(/^invoke-exported-function$/u).length === 3 && all(/^POST /u).length === 2),
      "spans arrive",
    );
    const named = (span: ExportedSpan | undefined): string => span?.name ?? "";
    const parentOf = (span: ExportedSpan | undefined): ExportedSpan | undefined =>
      exported.find(({ spanId }) => spanId === span?.parentSpanId);
    for (const request of all(/^POST /u)) {
      assert.deepEqual([request.parentSpanId, request.kind, request.traceId], ["b7ad6b7169203331", 2, traceId]);
    }
    const calls = exported.filter(({ kind }) => kind === 3);
    assert.ok(calls.some(({ name }) => name.includes("wasm-rpc")) && calls.some(({ name }) => name.startsWith("http")));
    for (const call of calls) {
      assert.equal(named(parentOf(call)), "invoke-exported-function");
      assert.equal(call.traceId, traceId);
    }
    const callee = all(/^invoke-exported-function$/u).find((span) => !named(parentOf(span)).startsWith("POST"));
    assert.equal(named(parentOf(callee)), "invoke-exported-function");
    assert.match(named(parentOf(parentOf(callee))), /^POST remote-ids/u);
  });

  test("calls of other workers and outgoing requests are in the same trace", async () => {
    received.length = 0;
    const [remoteTrace, remoteParent] = String(await invoke("caller", "remote-ids", ["callee"], traced)).split(",");
    assert.equal(remoteTrace, traceId);
    assert.match(String(remoteParent), /^[0-9a-f]{16}$/u);
    assert.equal(await invoke("caller", "request", [authority(), true], traced), 200);
    assert.equal(await invoke("caller", "request", [authority(), false], traced), 200);
    assert.match(String(received[0]?.["traceparent"]), new RegExp(`^00-${traceId}-`, "u"));
    assert.equal(received[0]?.["tracestate"], "a=1,b=2");
    assert.equal(received[1]?.["traceparent"], undefined);
  });

  test("spans are exported once, with their parents", async () => {
    await invoke("exporting", "spans", [1], traced);
    const named = (name: string): ExportedSpan | undefined => exported.find((span) => span.name === name);
    await eventually(
      () => Promise.resolve(named("inner") !== undefined && named("outer") !== undefined),
      "spans arrive",
    );
    assert.equal(named("inner")?.parentSpanId, named("outer")?.spanId);
    assert.equal(named("outer")?.traceId, traceId);
    const root = exported.find((span) => span.spanId === named("outer")?.parentSpanId);
    assert.equal(root?.name, "invoke-exported-function");
    await server.restart();
    await invoke("exporting", "observe", []);
    assert.equal(exported.filter((span) => span.spanId === named("inner")?.spanId).length, 1);
  });
});
