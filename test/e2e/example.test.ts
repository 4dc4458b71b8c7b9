/** The bundled example: a guest in TypeScript, installed by the first start, which outlives its server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { EventStream } from "../support/event-stream.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

/** Building it takes a while where it isn't cached. */
const readyMsMax = 180_000;

const api = (name: string): string => `example:shop/cart.{${name}}`;

describe("the shopping cart", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;

  before(async () => {
    server = await TestServer.start({ example: true });
    client = new Client(() => server.url);
    const installed = async (): Promise<string | undefined> => {
      const [component] = (await client.ok("GET", "/v1/components?component-name=shopping-cart")) as readonly {
        readonly versionedComponentId: { readonly componentId: string };
      }[];
      return component?.versionedComponentId.componentId;
    };
    componentId = await eventually(installed, "the example is installed", readyMsMax);
    const cart = client.worker(componentId, "my-cart");
    const filled = async (): Promise<boolean> => {
      const { status, body } = await cart.send("GET", "");
      return status === 200 && (body as JsonObject)["status"] === "Idle";
    };
    await eventually(filled, "the example has run");
  });
  after(() => server[Symbol.asyncDispose]());

  const worker = (name: string): WorkerClient => client.worker(componentId, name);
  const tea = { product: "tea", price: 250, quantity: 2 };

  test("what the example put in is there after a crash, and the next start's example leaves it", async () => {
    const cart = worker("my-cart");
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.deepEqual(await cart.invoke(api("contents")), [tea]);
    }
  });

  test("state in JavaScript's variables outlives crashes; errors thrown are results", async () => {
    const cart = worker("shopper");
    await cart.invoke(api("add-item"), [tea]);
    await cart.invoke(api("add-item"), [{ product: "cups", price: 2 ** 53 - 1, quantity: 1 }]);
    await server.restart();
    assert.equal(await cart.invoke(api("total")), 9_007_199_254_741_491n);
    assert.deepEqual(await cart.invoke(api("remove-item"), ["soap"]), { err: "there is no soap in the cart" });
    assert.deepEqual(await cart.invoke(api("remove-item"), ["cups"]), { ok: null });
    const order = (await cart.invoke(api("checkout"), [], "order")) as { readonly ok: JsonObject };
    assert.deepEqual({ ...order.ok, id: "" }, { id: "", items: [tea], total: 500 });
    await server.restart();
    assert.deepEqual(await cart.invoke(api("checkout"), [], "order"), order);
    assert.deepEqual(await cart.invoke(api("checkout")), { err: "the cart is empty" });
    assert.equal((await cart.metadata())["status"], "Idle");
  });

  test("a timer of JavaScript goes on after a crash", async () => {
    const cart = worker("sleeper");
    await cart.invoke(api("add-item"), [tea]);
    await cart.enqueue(api("checkout-after"), [2], "later");
    await eventually(async () => (await cart.metadata())["status"] === "Running", "it sleeps");
    await server.restart();
    const order = (await cart.invoke(api("checkout-after"), [2], "later")) as { readonly ok: JsonObject };
    assert.deepEqual(order.ok["items"], [tea]);
    assert.deepEqual(await cart.invoke(api("contents")), []);
  });

  test("console.log reaches those who watch", async () => {
    const cart = worker("watched");
    await cart.invoke(api("total"));
    using stream = await EventStream.open(server.url, cart.path);
    await cart.invoke(api("add-item"), [tea]);
    await eventually(() => Promise.resolve(stream.output().join("").includes("2 × tea added\n")), "the line");
  });
});
