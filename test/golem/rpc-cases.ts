/** Components that call others. Each call is answered again after a kill, as the callee's and the caller's state last. */
import assert from "node:assert/strict";
import type { WorkerClient } from "../support/client.ts";
import type { Case, Setting } from "./setting.ts";

async function create({ client, id, worker }: Setting, name: string, env: object): Promise<WorkerClient> {
  await client.ok("POST", `/v1/components/${id}/workers`, { name, args: ["an argument"], env });
  return worker(name);
}

const caller: Case = async (setting) => {
  const { server, install } = setting;
  const counters = await install("counters");
  const ephemeral = await install("ephemeral", { componentType: "Ephemeral" });
  const env = { COUNTERS_COMPONENT_ID: counters, EPHEMERAL_COMPONENT_ID: ephemeral, TEST_CONFIG: "123" };
  const worker = await create(setting, "caller", env);
  // What was dropped is listed newest first; a second round adds to it.
  const dropped = [3, 2, 1].map((number) => [`counter${number}`, 3]);
  assert.deepEqual(await worker.invoke("test1"), dropped);
  await server.restart();
  assert.equal(((await worker.invoke("test1")) as readonly unknown[]).length, 6);
  for (const [call, expected] of [
    ["test2", 1],
    ["test2", 2],
    ["test3", 1],
    ["test3", 2],
  ] as const) {
    assert.equal(await worker.invoke(call), expected);
    await server.restart();
  }
  const [args, variables] = (await worker.invoke("test4")) as readonly [readonly string[], readonly unknown[]];
  assert.deepEqual(args, ["an argument"]);
  assert.deepEqual(variables, [
    ["COUNTERS_COMPONENT_ID", counters],
    ["EPHEMERAL_COMPONENT_ID", ephemeral],
    ["TEST_CONFIG", "123"],
    ["GOLEM_WORKER_NAME", "counters_test4"],
    ["GOLEM_COMPONENT_ID", counters],
    ["GOLEM_COMPONENT_VERSION", "0"],
  ]);
  assert.deepEqual(await worker.invoke("test5"), [3, 3, 3]);
  await server.restart();
  assert.deepEqual(await worker.invoke("test5"), [3, 3, 3]);
  assert.deepEqual(await worker.invoke("bug-wasm-rpc-i32", [{ leaf: null }]), { leaf: null });
  const pairs = (await worker.invoke("ephemeral-test1")) as readonly (readonly [string, string])[];
  assert.equal(new Set(pairs.map(([, key]) => key)).size, 3);
  assert.equal(pairs[0]?.[0], pairs[1]?.[0]);
  // A URI without a name is a worker of its own.
  assert.notEqual(pairs[0]?.[0], pairs[2]?.[0]);
};

const parent: Case = async (setting) => {
  const { server, install } = setting;
  const child = await install("child_component");
  const worker = await create(setting, "parent", { CHILD_COMPONENT_ID: child, CHILD_WORKER_NAME: "the-child" });
  const api = (name: string): string => `golem:itrpc/rpc-api.{${name}}`;
  assert.equal(await worker.invoke(api("echo"), ["héllo"]), "echo: héllo");
  await server.restart();
  assert.equal(await worker.invoke(api("echo"), ["again"]), "echo: again");
  const calculated = await worker.invoke(api("calculate"), [3]);
  const data = { id: "i", name: "n", desc: "d", timestamp: 1 };
  const processed = (await worker.invoke(api("process"), [[data, data]])) as readonly unknown[];
  assert.equal(processed.length, 2);
  await server.restart();
  assert.equal(await worker.invoke(api("calculate"), [3]), calculated);
};

const auctionRegistry: Case = async (setting) => {
  const { server, install } = setting;
  const worker = await create(setting, "registry", { AUCTION_COMPONENT_ID: await install("auction") });
  const api = (name: string): string => `auction:registry/api.{${name}}`;
  const bidder = (await worker.invoke(api("create-bidder"), ["n", "a"])) as { readonly "bidder-id": string };
  assert.match(bidder["bidder-id"], /./u);
  const expiration = Math.floor(Date.now() / 1000) + 600;
  const details = ["test-auction", "this is a test", 100, expiration] as const;
  const expected: unknown[] = [];
  for (const call of ["create-auction", "create-auction-res"]) {
    const auctionId = await worker.invoke(api(call), details);
    const [name, description, limitPrice] = details;
    expected.push({ "auction-id": auctionId, name, description, "limit-price": limitPrice, expiration });
    await server.restart();
  }
  const auctions = (await worker.invoke(api("get-auctions"))) as readonly { readonly "auction-id": object }[];
  const byId = (values: readonly unknown[]): readonly string[] =>
    values.map((value) => JSON.stringify(value)).toSorted();
  assert.deepEqual(byId(auctions), byId(expected));
};

export const rpcCases: { readonly [component: string]: Case } = {
  caller_composed: caller,
  parent_component_composed: parent,
  auction_registry_composed: auctionRegistry,
};
