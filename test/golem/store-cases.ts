/** Components that keep things outside of their workers. */
import assert from "node:assert/strict";
import { EventStream } from "../support/event-stream.ts";
import { eventually } from "../support/poll.ts";
import type { Case } from "./setting.ts";

const api = (name: string): string => `golem:it/api.{${name}}`;

const keyValueService: Case = async ({ worker, server }) => {
  const [one, other] = [worker("kv-1"), worker("kv-2")];
  assert.equal(await one.invoke(api("get"), ["b", "k"]), null);
  assert.equal(await one.invoke(api("exists"), ["b", "k"]), false);
  await one.invoke(api("set"), ["b", "k", [1, 2, 3]]);
  await server.restart();
  assert.deepEqual(await one.invoke(api("get"), ["b", "k"]), [1, 2, 3]);
  assert.deepEqual(await other.invoke(api("get"), ["b", "k"]), [1, 2, 3]);
  assert.equal(await other.invoke(api("exists"), ["b", "k"]), true);
  assert.equal(await other.invoke(api("get"), ["c", "k"]), null);
  const pairs = [
    ["z", [26]],
    ["a", []],
    ["m", [13, 13]],
  ];
  await other.invoke(api("set-many"), ["b", pairs]);
  await server.restart();
  assert.deepEqual(await one.invoke(api("get-keys"), ["b"]), ["a", "k", "m", "z"]);
  assert.deepEqual(await one.invoke(api("get-many"), ["b", ["m", "a"]]), [[13, 13], []]);
  assert.equal(await one.invoke(api("get-many"), ["b", ["m", "none"]]), null);
  await one.invoke(api("delete"), ["b", "k"]);
  await one.invoke(api("delete"), ["b", "none"]);
  await one.invoke(api("delete-many"), ["b", ["z", "none", "a"]]);
  await server.restart();
  assert.deepEqual(await other.invoke(api("get-keys"), ["b"]), ["m"]);
};

const blobStoreService: Case = async ({ worker, server }) => {
  const [one, other] = [worker("blob-1"), worker("blob-2")];
  assert.equal(await one.invoke(api("container-exists"), ["c"]), false);
  await one.invoke(api("create-container"), ["c"]);
  await server.restart();
  await other.invoke(api("create-container"), ["c"]);
  assert.equal(await one.invoke(api("container-exists"), ["c"]), true);
  assert.equal(await other.invoke(api("container-exists"), ["c"]), true);
  assert.equal(await other.invoke(api("container-exists"), ["d"]), false);
};

/** Counts what a function prints and logs until there is enough of it. */
const logging: Case = async ({ worker, server }) => {
  const once = worker("logs");
  await once.invoke(api("init"));
  using events = await EventStream.open(server.url, once.path);
  await once.invoke(api("some-random-entries"));
  await eventually(() => Promise.resolve(events.names().includes("InvocationFinished")), "the invocation ends");
  // Standard error isn't buffered: a line comes in several writes.
  const lines = (kind: "StdOut" | "StdErr"): number => events.output(kind).join("").trimEnd().split("\n").length;
  const logged = events.names().filter((name) => name === "Log").length;
  assert.deepEqual([lines("StdOut"), lines("StdErr"), logged], [13, 13, 74]);
  await server.restart();
  await once.invoke(api("some-random-entries"));
  for (const [name, prepared] of [
    ["forever-random-entries", false],
    ["forever-random-entries-with-log", true],
  ] as const) {
    const forever = worker(name);
    await forever.invoke(api("init"));
    using watched = await EventStream.open(server.url, forever.path);
    await forever.enqueue(api(name));
    const printed = (): Promise<boolean> => Promise.resolve(watched.output().length > 0);
    await eventually(printed, "it prints");
    if (prepared) {
      await eventually(() => Promise.resolve(watched.names().includes("Log")), "it logs");
    }
    await server.restart();
    using again = await EventStream.open(server.url, forever.path);
    await eventually(() => Promise.resolve(again.names().length > 0), "it goes on after a kill");
    assert.equal((await forever.send("POST", "/interrupt")).status, 200);
  }
};

export const storeCases: { readonly [component: string]: Case } = {
  "key-value-service": keyValueService,
  "blob-store-service": blobStoreService,
  logging,
};
