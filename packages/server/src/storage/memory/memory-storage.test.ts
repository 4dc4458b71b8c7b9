import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeStores } from "../conformance.ts";
import { appendOf, componentA } from "../test-fixtures.ts";
import { createMemoryStorage } from "./memory-storage.ts";

describeStores("memory", async () => {
  const storage = createMemoryStorage();
  await Promise.resolve();
  return {
    stores: storage.stores(),
    reopen: async () => {
      storage.crash();
      await Promise.resolve();
      return storage.stores();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

describe("createMemoryStorage()", () => {
  const worker = { componentId: componentA, workerName: "w" };

  it("loses in a crash what was not committed, without an answer", async () => {
    const storage = createMemoryStorage("manual");
    const { oplogs } = storage.stores();
    const answers: string[] = [];
    const first = oplogs.append(appendOf("w", 1)).then(() => answers.push("first"));
    void oplogs.append(appendOf("w", 2)).then(() => answers.push("second"));
    assert.equal(storage.waiting(), 2);
    storage.commit(1);
    await first;
    storage.crash();
    storage.commit();
    assert.equal(await storage.stores().oplogs.lastIndex(worker), 1);
    assert.deepEqual(answers, ["first"]);
  });

  it("keeps the stores of a crashed process silent", async () => {
    const storage = createMemoryStorage("manual");
    const before = storage.stores();
    storage.crash();
    let answered = false;
    void before.oplogs.lastIndex(worker).then(() => (answered = true));
    void before.oplogs.append(appendOf("w", 1)).then(() => (answered = true));
    assert.equal(storage.waiting(), 0);
    assert.equal(await storage.stores().oplogs.lastIndex(worker), 0);
    assert.equal(answered, false);
  });
});
