import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { awaitedPromise, promiseTimer } from "./promise-timer.ts";

describe("awaitedPromise()", () => {
  it("undoes promiseTimer()", () => {
    for (const workerName of ["w", "", "a/b", "a/7"]) {
      const promise = { worker: { componentId: "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69", workerName }, oplogIndex: 12 };
      assert.deepEqual(awaitedPromise(promiseTimer(promise)), promise);
    }
  });

  it("is undefined for other timers", () => {
    for (const name of ["sleep", "calls", "watch:0000000000000001"]) assert.equal(awaitedPromise(name), undefined);
  });
});
