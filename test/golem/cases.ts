/** What each component is asked and must answer. Every case kills the server at least once in between. */
import assert from "node:assert/strict";
import type { WorkerClient } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { fileCases } from "./file-cases.ts";
import { httpCases } from "./http-cases.ts";
import { pluginCases } from "./plugin-cases.ts";
import { rpcCases } from "./rpc-cases.ts";
import { runtimeCases } from "./runtime-cases.ts";
import type { Case } from "./setting.ts";
import { updateCases } from "./update-cases.ts";
import { storeCases } from "./store-cases.ts";

const tea = { "product-id": "G1", name: "tea", price: 2.5, quantity: 2 };
const golem = (name: string): string => `golem:it/api.{${name}}`;

interface GolemFailure {
  readonly golemError: { readonly type: string; readonly details?: string };
}

async function failure(worker: WorkerClient, name: string, params: readonly unknown[] = []): Promise<GolemFailure> {
  const { status, body } = await worker.invokeRaw(name, params);
  assert.equal(status, 500, JSON.stringify(body));
  return body as GolemFailure;
}

/** Same call, same answer, with a kill in between. */
function answers(name: string, params: readonly unknown[], expected: unknown): Case {
  return async ({ worker, server }) => {
    assert.deepEqual(await worker("w").invoke(name, params), expected);
    await server.restart();
    assert.deepEqual(await worker("w").invoke(name, params), expected);
  };
}

const shoppingCart: Case = async ({ worker, server }) => {
  const cart = worker("cart");
  await cart.invoke(golem("initialize-cart"), ["user"]);
  await cart.invoke(golem("add-item"), [tea]);
  await cart.invoke(golem("add-item"), [{ ...tea, "product-id": "G2" }]);
  await server.restart();
  await cart.invoke(golem("update-item-quantity"), ["G2", 7]);
  const expected = [tea, { ...tea, "product-id": "G2", quantity: 7 }];
  assert.deepEqual(await cart.invoke(golem("get-cart-contents")), expected);
  await cart.invoke(golem("remove-item"), ["G1"]);
  // By chance, one in ten times, it says that the goods are not at hand.
  const order = await eventually(async () => {
    const result = (await cart.invoke(golem("checkout"))) as { readonly success?: { readonly "order-id": string } };
    return result.success;
  }, "a checkout that succeeds");
  assert.match(order["order-id"], /./u);
  await server.restart();
  assert.deepEqual(await cart.invoke(golem("get-cart-contents")), [expected[1]].slice(1));
};

const shoppingCartResource: Case = async ({ worker, server }) => {
  const carts = worker("carts");
  const handle = (await carts.invoke(golem("[constructor]cart"), ["user"])) as string;
  assert.match(handle, /^urn:worker:.*\/carts\/0$/u);
  await carts.invoke(golem("[method]cart.add-item"), [handle, tea]);
  await server.restart();
  assert.deepEqual(await carts.invoke(golem("cart.get-cart-contents"), [handle]), [tea]);
  const other = (await carts.invoke(golem("cart.new"), ["other"])) as string;
  const item = { ...tea, "product-id": "G3" };
  await carts.invoke(golem("[method]cart.add-item"), [other, item]);
  assert.deepEqual(await carts.invoke(golem("[method]cart.get-cart-contents"), [other]), [item]);
  await carts.invoke(golem("cart.drop"), [other]);
  await server.restart();
  const gone = await carts.invokeRaw(golem("[method]cart.get-cart-contents"), [other]);
  assert.notEqual(gone.status, 200);
  assert.deepEqual(await carts.invoke(golem("[method]cart.get-cart-contents"), [handle]), [tea]);
};

const counters: Case = async ({ worker, server }) => {
  const counting = worker("counting");
  const api = (name: string): string => `rpc:counters/api.{${name}}`;
  await counting.invoke(api("inc-global-by"), [5]);
  assert.equal(await counting.invoke(api('counter("c1").inc-by'), [3]), undefined);
  await counting.invoke(api('counter("c1").inc-by'), [4]);
  await server.restart();
  assert.equal(await counting.invoke(api('counter("c1").get-value')), 7);
  assert.equal(await counting.invoke(api("get-global-value")), 5);
  await counting.invoke(api('counter("c1").drop'));
  assert.deepEqual(await counting.invoke(api("get-all-dropped")), [["c1", 7]]);
  await server.restart();
  assert.deepEqual(await counting.invoke(api("get-all-dropped")), [["c1", 7]]);
  const info = (await counting.invoke(api('counter("c2").get-env'))) as readonly (readonly [string, string])[];
  assert.equal(new Map(info).get("GOLEM_WORKER_NAME"), "counting");
};

const flags: Case = async ({ worker, server }) => {
  const tasks = worker("tasks");
  const task = { name: "t", permissions: ["read", "exec"] };
  const created = (await tasks.invoke(golem("create-task"), [task])) as { readonly permissions: readonly string[] };
  assert.deepEqual(
    created.permissions.filter((name) => task.permissions.includes(name)),
    task.permissions,
  );
  const before = await tasks.invoke(golem("get-tasks"));
  await server.restart();
  assert.deepEqual(await tasks.invoke(golem("get-tasks")), before);
};

const environment: Case = async ({ client, id, worker, server }) => {
  await client.ok("POST", `/v1/components/${id}/workers`, {
    name: "env",
    args: ["a", "b"],
    env: { TEST_ENV: "test-value" },
  });
  const expected = {
    ok: [
      ["TEST_ENV", "test-value"],
      ["GOLEM_WORKER_NAME", "env"],
      ["GOLEM_COMPONENT_ID", id],
      ["GOLEM_COMPONENT_VERSION", "0"],
    ],
  };
  assert.deepEqual(await worker("env").invoke(golem("get-environment")), expected);
  await server.restart();
  assert.deepEqual(await worker("env").invoke(golem("get-environment")), expected);
  assert.deepEqual(await worker("env").invoke(golem("get-arguments")), { ok: ["a", "b"] });
};

const promise: Case = async ({ client, id, worker, server }) => {
  const waiting = worker("waiting");
  await client.ok("POST", `/v1/components/${id}/workers`, { name: "waiting", args: [], env: {} });
  const result = waiting.invoke("run", [], "key").catch((error: unknown) => error);
  await eventually(
    async () => ((await waiting.metadata().catch(() => ({}))) as { status?: string }).status === "Suspended",
    "suspended",
  );
  await server.restart();
  await result;
  assert.equal((await waiting.metadata())["status"], "Suspended");
  const again = waiting.invoke("run", [], "key");
  again.catch(() => undefined);
  const completed = { oplogIdx: 3, data: [1, 2, 42] };
  assert.equal((await waiting.send("POST", "/complete", completed)).body, true);
  assert.equal((await waiting.send("POST", "/complete", completed)).body, false);
  assert.deepEqual(await again, [1, 2, 42]);
  await server.restart();
  assert.deepEqual(await waiting.invoke("run", [], "key"), [1, 2, 42]);
};

const interruption: Case = async ({ worker, server }) => {
  const looping = worker("looping");
  const result = looping.invokeRaw("run", [], "key");
  await eventually(
    async () => ((await looping.metadata().catch(() => ({}))) as { status?: string }).status === "Running",
    "running",
  );
  await looping.send("POST", "/interrupt");
  const { status, body } = await result;
  assert.equal(status, 500);
  assert.equal((body as GolemFailure).golemError.type, "Interrupted");
  assert.equal((await looping.metadata())["status"], "Interrupted");
  await server.restart();
  assert.equal((await looping.metadata())["status"], "Interrupted");
};

const failing: Case = async ({ worker, server }) => {
  const adding = worker("adding");
  const add = "golem:component/api.{add}";
  await adding.invoke(add, [5]);
  const first = await failure(adding, add, [50]);
  assert.equal(first.golemError.type, "RuntimeError");
  assert.match(first.golemError.details ?? "", /error while executing at wasm backtrace:/u);
  assert.match(first.golemError.details ?? "", /value is too large/u);
  const second = await failure(adding, "golem:component/api.{get}");
  assert.equal(second.golemError.type, "PreviousInvocationFailed");
  await server.restart();
  assert.equal((await failure(adding, "golem:component/api.{get}")).golemError.type, "PreviousInvocationFailed");
  assert.equal((await adding.metadata())["status"], "Failed");
};

const clocks: Case = async ({ worker, server }) => {
  const clock = worker("clock");
  const slept = (await clock.invoke("sleep-for", [0.2])) as number;
  assert.ok(slept >= 0.2 && slept < 5, String(slept));
  await clock.invoke("run").catch(() => undefined);
  await server.restart();
  assert.ok(((await clock.invoke("sleep-for", [0.1])) as number) >= 0.1);
};

const sleeping: Case = async ({ worker, server }) => {
  const clock = worker("clock");
  assert.deepEqual(await clock.invoke(golem("sleep"), [1]), { ok: null });
  const started = Date.now();
  const result = clock.invoke(golem("sleep"), [12], "long").catch((error: unknown) => error);
  await eventually(async () => (await clock.metadata())["status"] === "Suspended", "suspended");
  await server.restart();
  await result;
  assert.deepEqual(await clock.invoke(golem("sleep"), [12], "long"), { ok: null });
  const sleptMs = Date.now() - started;
  assert.ok(sleptMs >= 12_000 && sleptMs < 17_000, `slept ${sleptMs} ms`);
};

const directories: Case = async ({ worker, server }) => {
  const first = await worker("tree").invoke("run");
  await server.restart();
  const [, entries] = first as readonly unknown[];
  assert.ok(Array.isArray(entries));
  await worker("tree")
    .invoke("run")
    .catch(() => undefined);
};

const runs =
  (name: string): Case =>
  async ({ worker, server }) => {
    const first = await worker("w").invoke(name);
    await server.restart();
    assert.deepEqual(await worker("w").invoke(name), first);
  };

const zig: Case = async ({ worker, server }) => {
  await worker("z").invoke(golem("add"), [10]);
  await server.restart();
  await worker("z").invoke(golem("add"), [11]);
  assert.equal(await worker("z").invoke(golem("get")), 21);
};

const overhead: Case = async ({ worker, server }) => {
  await worker("o").invoke(golem("run"), [1000, false, false]);
  await worker("o").invoke(golem("run"), [100, false, true]);
  // Without durability its result, the time it took, can't be replayed: that worker is not asked again.
  await worker("not-durable").invoke(golem("run"), [100, true, false]);
  await server.restart();
  await worker("o").invoke(golem("run"), [10, false, false]);
};

/** It looks golem.cloud up, and panics with the error-code where there is no such name. */
const networking: Case = async ({ worker, server }) => {
  const ask = async (): Promise<unknown> => {
    const { status, body } = await worker("net").invokeRaw(golem("get"), [], "get");
    if (status === 200) return body;
    const details = (body as { readonly golemError: { readonly details?: string } }).golemError.details ?? "";
    const [code] = /name-unresolvable|temporary-resolver-failure|permanent-resolver-failure/u.exec(details) ?? [];
    assert.ok(code !== undefined, JSON.stringify(body));
    return code;
  };
  const found = await ask();
  await server.restart();
  assert.deepEqual(await ask(), found);
};

export const cases: { readonly [component: string]: Case } = {
  "shopping-cart": shoppingCart,
  "shopping-cart-resource": shoppingCartResource,
  counters,
  "rust-echo": answers(golem("echo"), ["héllo"], "héllo"),
  "option-service": async (setting) => {
    await answers(golem("echo"), [null], null)(setting);
    await answers(golem("todo"), [{ name: "n", description: "d" }], "n")(setting);
  },
  "flags-service": flags,
  "variant-service": answers(golem("bid"), [], { success: null }),
  "c-1": runs("run"),
  "zig-3": zig,
  "tinygo-wasi": async ({ worker, server }) => {
    assert.equal(typeof (await worker("t").invoke("example1", ["x"])), "number");
    await server.restart();
    assert.equal(typeof (await worker("t").invoke("example1", ["y"])), "number");
  },
  networking,
  clocks,
  "clock-service": sleeping,
  "environment-service": environment,
  "file-write-read-delete": runs("run"),
  directories,
  "read-stdin": runs("run"),
  "write-stdout": runs("run"),
  "write-stderr": runs("run"),
  // It wants a number from standard input, which is empty.
  "stdio-cc": async ({ worker, server }) => {
    assert.match((await failure(worker("w"), "run")).golemError.details ?? "", /ParseIntError/u);
    await server.restart();
    assert.equal((await failure(worker("w"), "run")).golemError.type, "PreviousInvocationFailed");
  },
  promise,
  interruption,
  "failing-component": failing,
  "large-initial-memory": runs("run"),
  "large-dynamic-memory": runs("run"),
  ...updateCases,
  ...fileCases,
  ...pluginCases,
  ...rpcCases,
  ...runtimeCases,
  ...httpCases,
  ...storeCases,
  "durability-overhead": overhead,
};
