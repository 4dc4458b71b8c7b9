/** The versions of Golem's component for updates: what each of them can go on with, live and killed. */
import assert from "node:assert/strict";
import { endedUpdates, update, uploadVersion } from "../support/account.ts";
import type { WorkerClient } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { create, Remote } from "./http-cases.ts";
import type { Case } from "./setting.ts";

const api = (name: string): string => `golem:component/api.{${name}}`;

/** Versions of the component by the file that they are of; the first one is there already. */
const versions = ["v1", "v2", "v2-11", "v3", "v3-11", "v4"] as const;
type Version = (typeof versions)[number];

/** What f1 returns in the first version, and in the second. */
const [firstResult, secondResult] = [300, 150] as const;

/** Updates and tells how that went. */
async function updated(worker: WorkerClient, to: Version, mode: "Automatic" | "Manual"): Promise<string> {
  const { updates } = (await worker.metadata()) as { readonly updates: readonly unknown[] };
  const { status, body } = await update(worker, versions.indexOf(to), mode);
  assert.equal(status, 200, JSON.stringify(body));
  const last = (await endedUpdates(worker, updates.length + 1)).at(-1);
  return last?.type === "successfulUpdate" ? "successful" : String(last?.details);
}

async function running(worker: WorkerClient, remote: Remote): Promise<void> {
  const asked = remote.asked.length;
  await eventually(async () => remote.asked.length > asked + 2, `${worker.path} calls the server`);
}

const automatic: Case = async (setting) => {
  const { server } = setting;
  await using remote = await Remote.start((_body, response) => void response.end("0"));
  const named = (name: string): Promise<WorkerClient> => create(setting, name, remote);
  const [idle, same, otherF1, otherF2, busy, doomed] = [
    await named("idle"),
    await named("same"),
    await named("f1"),
    await named("f2"),
    await named("busy"),
    await named("doomed"),
  ];
  for (let count = 0; count < 2; count += 1) assert.equal(await same.invoke(api("f3")), 4);
  assert.equal(await otherF1.invoke(api("f1"), [0], "f1"), firstResult);
  const random = await otherF2.invoke(api("f2"), [], "f2");
  await doomed.invoke(api("f2"));
  for (const version of versions.slice(1)) {
    await uploadVersion(setting.client, setting.id, await setting.binary(`update-test-${version}`));
  }
  assert.equal(await updated(idle, "v2", "Automatic"), "successful");
  assert.equal(await idle.invoke(api("f2")), 0);
  assert.equal(await updated(same, "v2", "Automatic"), "successful");
  assert.equal(await same.invoke(api("f4")), 11);
  for (const diverging of [otherF1, otherF2]) {
    assert.match(await updated(diverging, "v2", "Automatic"), /^Automatic update failed: Unexpected oplog entry/u);
  }
  await server.restart();
  assert.equal(await otherF1.invoke(api("f1"), [0], "f1"), firstResult);
  assert.equal(await otherF2.invoke(api("f2"), [], "f2"), random);
  assert.notEqual((await otherF1.invokeRaw(api("f4"))).status, 200);
  assert.equal(await same.invoke(api("f4")), 11);
  // In the midst of f1 the other version goes on with it, where what it did is the same.
  const call = busy.invoke(api("f1"), [50]);
  await running(busy, remote);
  assert.equal(await updated(busy, "v2", "Automatic"), "successful");
  assert.equal(await call, secondResult);
  const other = doomed.invoke(api("f1"), [50]);
  await running(doomed, remote);
  assert.match(await updated(doomed, "v2", "Automatic"), /^Automatic update failed: /u);
  assert.equal(await other, firstResult);
};

/** Workers of the version that the component begins with, updated to the others by what they save. */
function manual(load: string, failing: string, without: string): Case {
  return async ({ client, id, worker, server, binary }) => {
    const names = ["carried", "refused", "unread"] as const;
    for (const name of names) await client.ok("POST", `/v1/components/${id}/workers`, { name, args: [], env: {} });
    for (const component of [load, failing, without]) await uploadVersion(client, id, await binary(component));
    const outcome = async (name: string, targetVersion: number): Promise<string> => {
      const { status } = await update(worker(name), targetVersion, "Manual");
      assert.equal(status, 200);
      const last = (await endedUpdates(worker(name), 1)).at(-1);
      return last?.type === "successfulUpdate" ? "successful" : String(last?.details);
    };
    const before = await worker("refused").invoke(api("f4"));
    assert.equal(await outcome("carried", 1), "successful");
    assert.match(await outcome("refused", 2), /^Manual update failed to load snapshot: Invalid snapshot/u);
    assert.match(await outcome("unread", 3), /Failed to find exported load-snapshot function/u);
    for (let start = 0; start < 2; start += 1) {
      const value = 40 + start;
      await worker("carried").invoke(api("set"), [value]);
      await server.restart();
      assert.equal(await worker("carried").invoke(api("get")), value);
      assert.equal(await worker("refused").invoke(api("f4")), before);
      assert.equal(await worker("unread").invoke(api("f4")), before);
    }
  };
}

/** One that saves nothing can't be carried over. */
const withoutSave: Case = async ({ client, id, worker, server, binary }) => {
  await client.ok("POST", `/v1/components/${id}/workers`, { name: "unsaved", args: [], env: {} });
  await uploadVersion(client, id, await binary("update-test-v3"));
  await update(worker("unsaved"), 1, "Manual");
  const [failed] = await endedUpdates(worker("unsaved"), 1);
  assert.match(failed?.details ?? "", /^failed to get a snapshot for manual update: save-snapshot is not exported/u);
  await server.restart();
  assert.notEqual(await worker("unsaved").invoke(api("f2")), undefined);
};

export const updateCases: { readonly [component: string]: Case } = {
  "update-test-v1": async (setting) => {
    await automatic(setting);
    const id = await setting.install("update-test-v1");
    await withoutSave({ ...setting, id, worker: (name) => setting.client.worker(id, name) });
  },
  "update-test-v2": manual("update-test-v3", "update-test-v4", "update-test-v2-11"),
  "update-test-v2-11": manual("update-test-v3-11", "update-test-v4", "update-test-v2"),
};
