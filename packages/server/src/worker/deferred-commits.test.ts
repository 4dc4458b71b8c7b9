import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createFields } from "../durability/oplog-for-tests.ts";
import { DeferredCommits } from "./deferred-commits.ts";
import { servicesForTests, testWorker } from "./guest-for-tests.ts";
import { newOplog } from "./oplog-session.ts";

/** Two workers of a thread, and the names of those whose chunks reached the store, in order. */
function setting() {
  const appended: string[] = [];
  const services = servicesForTests();
  const oplogs = {
    ...services.oplogs,
    append: (append: Parameters<typeof services.oplogs.append>[0]) => {
      appended.push(append.worker.workerName);
      return services.oplogs.append(append);
    },
  };
  const commitOrder = new DeferredCommits(turn);
  const open = (workerName: string) => {
    const id = { ...testWorker, workerName };
    const { writer } = newOplog(id, { ...services, oplogs, commitOrder });
    writer.append("create", { ...createFields, workerId: id });
    return writer;
  };
  return { appended, caller: open("caller"), callee: open("callee") };
}

describe("DeferredCommits", () => {
  it("makes a deferred commit before the next one", async () => {
    const { appended, caller, callee } = setting();
    const { durable, ordered } = caller.commitBeforeOthers();
    assert.equal(ordered, true);
    assert.deepEqual(appended, []);
    await Promise.all([callee.commit(), durable]);
    assert.deepEqual(appended, ["caller", "callee"]);
  });

  it("makes it by itself when no other comes", async () => {
    const { appended, caller } = setting();
    await caller.commitBeforeOthers().durable;
    assert.deepEqual(appended, ["caller"]);
  });

  it("makes it once, with what the worker itself commits meanwhile", async () => {
    const { appended, caller } = setting();
    const { durable } = caller.commitBeforeOthers();
    caller.append("no-op", {});
    await Promise.all([caller.commit(), durable]);
    assert.deepEqual(appended, ["caller"]);
    await caller.commitBeforeOthers().durable;
    assert.deepEqual(appended, ["caller"]);
  });
});
